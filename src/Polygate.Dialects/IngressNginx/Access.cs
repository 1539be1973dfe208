using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Who may pass: address lists and basic authentication.</summary>
internal sealed record Access
{
    /// <summary>Null when every address may pass.</summary>
    public AddressAccessFilter? Addresses { get; init; }

    /// <summary>Null without authentication.</summary>
    public BasicAuthentication? Authentication { get; init; }

    public static Access Parse(AnnotationReader reader)
    {
        var access = new Access { Addresses = ParseAddresses(reader), Authentication = BasicAuthentication.Parse(reader) };
        if (reader.Choice("satisfy", "all", "any") == "any" && access is { Addresses: not null, Authentication: not null })
        {
            reader.DenyLocation("satisfy", "Admitting by address or by password is not supported.", "unsupported-annotation");
        }

        return access;
    }

    private static AddressAccessFilter? ParseAddresses(AnnotationReader reader)
    {
        Action<string, string> deny = (name, message) => reader.DenyLocation(name, message);
        var allow = reader.Networks("allowlist-source-range", deny);
        var denied = reader.Networks("denylist-source-range", deny);
        return allow.IsEmpty && denied.IsEmpty ? null : new AddressAccessFilter { Allow = allow, Deny = denied };
    }
}

/// <summary>Basic authentication against a Secret.</summary>
/// <param name="Realm">Empty for none.</param>
/// <param name="Secret">The name of a Secret in the Ingress's namespace.</param>
/// <param name="IsMap">Whether each key of the Secret is a user (<c>auth-map</c>); otherwise the key <c>auth</c> is an htpasswd file.</param>
internal sealed record BasicAuthentication(string Realm, string Secret, bool IsMap)
{
    public static BasicAuthentication? Parse(AnnotationReader reader)
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

        if (type != "basic")
        {
            reader.DenyLocation("auth-type", $"\"{type}\" is not supported; expected basic.", "unsupported-annotation");
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
        return secret is null ? null : new BasicAuthentication(realm, secret, secretType == "auth-map");
    }

    /// <summary>The filter; one that refuses when the Secret cannot be used.</summary>
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

        foreach (var user in users.Where(user => !IsSupported(user.Hash)))
        {
            context.OwnWarning(
                owner,
                "unsupported-password-hash",
                "auth-secret",
                $"The password of the user \"{user.User}\" in the Secret {secret.FullName} is hashed in a way that is not supported; expected bcrypt, apr1 or SHA-1. The user cannot log in.");
        }

        // nginx takes the Authorization header away from the backend.
        return new BasicAuthenticationFilter(users.Where(user => IsSupported(user.Hash)).ToValueList()) { Realm = Realm, RemoveCredentials = true };

        void Report(string code, string message) =>
            context.OwnError(owner, code, "auth-secret", message + " The paths of this Ingress answer 503.");
    }

    private static List<PasswordHash> FromMap(Resource<V1Secret> secret) =>
        [.. (secret.Value.Data?.Keys ?? []).Order(StringComparer.Ordinal)
            .Select(user => new PasswordHash(user, (TlsSecrets.Text(secret, user) ?? "").Trim()))];

    private static List<PasswordHash>? FromFile(string? htpasswd) =>
        htpasswd?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#' && line.Contains(':'))
            .Select(line => new PasswordHash(line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..]))
            .ToList();

    private static bool IsSupported(string hash) =>
        hash.StartsWith("$2", StringComparison.Ordinal)
        || hash.StartsWith("$apr1$", StringComparison.Ordinal)
        || hash.StartsWith("{SHA}", StringComparison.Ordinal)
        || hash.StartsWith("$5$", StringComparison.Ordinal);
}
