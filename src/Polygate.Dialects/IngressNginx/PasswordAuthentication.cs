using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Basic or digest authentication against a Secret.</summary>
/// <param name="IsDigest">Digest instead of basic.</param>
/// <param name="Realm">Empty for none.</param>
/// <param name="Secret">The name of a Secret in the Ingress's namespace.</param>
/// <param name="IsMap">Whether each key of the Secret is a user (<c>auth-map</c>); otherwise the key <c>auth</c> is a file of lines.</param>
internal sealed record PasswordAuthentication(bool IsDigest, string Realm, string Secret, bool IsMap)
{
    private const int Md5Digits = 32;

    public static PasswordAuthentication? Parse(AnnotationReader reader)
    {
        var type = reader.Text("auth-type");
        if (type is null)
        {
            if (reader.Text("auth-secret") is not null)
            {
                reader.Warn("annotation-without-effect", "auth-secret", "Without auth-type nothing is authenticated.");
            }

            return null;
        }

        if (type is not ("basic" or "digest"))
        {
            reader.DenyLocation("auth-type", $"\"{type}\" is neither basic nor digest.");
            return null;
        }

        var secretType = reader.Text("auth-secret-type") ?? "auth-file";
        if (secretType is not ("auth-file" or "auth-map"))
        {
            reader.IgnoreIngress("auth-secret-type", $"\"{secretType}\" is neither auth-file nor auth-map.");
        }

        var realm = reader.Text("auth-realm") ?? "";
        if (realm.Any(character => character is < ' ' or > '~' or '"' or '\\' or '$' or ';' or '{' or '}'))
        {
            reader.IgnoreIngress("auth-realm", "The realm has a character that is not allowed in it.");
        }

        var secret = reader.LocalName("auth-secret");
        return secret is null ? null : new PasswordAuthentication(type == "digest", realm, secret, secretType == "auth-map");
    }

    /// <summary>The filter; one that refuses when the Secret cannot be used. nginx takes the Authorization header away from the backend.</summary>
    /// <param name="context">Where the Secret is found and problems are reported.</param>
    /// <param name="owner">The Ingress that asks for it.</param>
    public Filter Filter(TranslationContext context, Resource owner)
    {
        if (context.Get<V1Secret>(owner.Namespace, Secret) is not { } secret)
        {
            Report("missing-secret", $"The Secret {owner.Namespace}/{Secret} does not exist.");
            return new RefuseFilter(503);
        }

        var users = IsMap ? FromMap(secret) : FromFile(TlsSecrets.Text(secret, "auth"));
        if (users is null)
        {
            Report("invalid-secret", $"The Secret {secret.FullName} has no key \"auth\".");
            return new RefuseFilter(503);
        }

        return IsDigest
            ? new DigestAuthenticationFilter(DigestUsers(context, owner, secret, users)) { Realm = Realm, RemoveCredentials = true }
            : new BasicAuthenticationFilter(BasicUsers(context, owner, secret, users)) { Realm = Realm, RemoveCredentials = true };

        void Report(string code, string message) =>
            context.OwnError(owner, code, "auth-secret", message + " The paths of this Ingress answer 503.");
    }

    private static ValueList<PasswordHash> BasicUsers(
        TranslationContext context, Resource owner, Resource<V1Secret> secret, List<(string User, string Value)> users)
    {
        var usable = users.ToLookup(user => IsSupported(user.Value));
        foreach (var (user, _) in usable[false])
        {
            WarnOfHash(context, owner, secret, user, "expected bcrypt, apr1, SHA-1 or SHA-256 crypt");
        }

        return usable[true].Select(user => new PasswordHash(user.User, user.Value)).ToValueList();
    }

    /// <summary>Lines of an htdigest file are <c>user:realm:hash</c>; those of other realms are not for this place.</summary>
    private ValueList<DigestUser> DigestUsers(
        TranslationContext context, Resource owner, Resource<V1Secret> secret, List<(string User, string Value)> users)
    {
        var usable = new List<DigestUser>();
        foreach (var (user, value) in users)
        {
            var colon = value.LastIndexOf(':');
            var hash = value[(colon + 1)..];
            if (colon < 0 || hash.Length is not (Md5Digits or 2 * Md5Digits) || !hash.All(char.IsAsciiHexDigit))
            {
                WarnOfHash(context, owner, secret, user, "expected a realm, a colon and an MD5 hash in hexadecimal digits");
            }
            else if (value[..colon] == Realm)
            {
                usable.Add(new DigestUser(user, hash));
            }
            else
            {
                context.OwnWarning(
                    owner, "other-realm", "auth-secret", $"The user \"{user}\" in the Secret {secret.FullName} belongs to another realm than \"{Realm}\" and cannot log in.");
            }
        }

        return usable.ToValueList();
    }

    private static void WarnOfHash(TranslationContext context, Resource owner, Resource<V1Secret> secret, string user, string expected) => context.OwnWarning(
        owner,
        "unsupported-password-hash",
        "auth-secret",
        $"The password of the user \"{user}\" in the Secret {secret.FullName} is hashed in a way that is not supported; {expected}. The user cannot log in.");

    private static List<(string User, string Value)> FromMap(Resource<V1Secret> secret) =>
        [.. (secret.Value.Data?.Keys ?? []).Order(StringComparer.Ordinal).Select(user => (user, (TlsSecrets.Text(secret, user) ?? "").Trim()))];

    private static List<(string User, string Value)>? FromFile(string? lines) =>
        lines?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#' && line.Contains(':'))
            .Select(line => (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..]))
            .ToList();

    private static bool IsSupported(string hash) =>
        hash.StartsWith("$2", StringComparison.Ordinal)
        || hash.StartsWith("$apr1$", StringComparison.Ordinal)
        || hash.StartsWith("{SHA}", StringComparison.Ordinal)
        || hash.StartsWith("$5$", StringComparison.Ordinal);
}
