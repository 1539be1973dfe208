using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>basicAuth</c>: users from a Secret, either of type <c>kubernetes.io/basic-auth</c> (one user, plain password) or with one key that
/// holds <c>user:hash</c> lines.
/// </summary>
internal static class BasicAuthMiddleware
{
    private const string Field = "spec.basicAuth.secret";

    private static readonly string[] KnownHashes = ["$2a$", "$2b$", "$2y$", "$apr1$", "{SHA}"];

    public static void Apply(BasicAuthSpec spec, MiddlewareScope scope)
    {
        if (string.IsNullOrEmpty(spec.Secret) || scope.Context.Get<V1Secret>(scope.Namespace, spec.Secret) is not { } secret)
        {
            scope.Refuse("missing-secret", $"The Secret {scope.Namespace}/{spec.Secret} does not exist.", Field);
            return;
        }

        var users = secret.Value.Type == "kubernetes.io/basic-auth" ? OneUser(secret, scope) : FileOfUsers(secret, scope);
        if (scope.Findings.Failed)
        {
            return;
        }

        scope.Add(new BasicAuthenticationFilter(users.ToValueList())
        {
            Realm = string.IsNullOrEmpty(spec.Realm) ? "traefik" : spec.Realm,
            RemoveCredentials = spec.RemoveHeader == true,
            UserHeader = string.IsNullOrEmpty(spec.HeaderField) ? null : spec.HeaderField,
        });
    }

    private static List<PasswordHash> OneUser(Resource<V1Secret> secret, MiddlewareScope scope)
    {
        if (TlsSecrets.Text(secret, "username") is not { } user || TlsSecrets.Text(secret, "password") is not { } password)
        {
            scope.Refuse("invalid-secret", $"The Secret {secret.FullName} has no username or no password.", Field);
            return [];
        }

        // The password is plain in the Secret; SHA-1 is the one hash of the set that costs nothing per request.
#pragma warning disable CA5350 // not a protection: the Secret already holds the password itself
        return [new PasswordHash(user, "{SHA}" + Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(password))))];
#pragma warning restore CA5350
    }

    private static List<PasswordHash> FileOfUsers(Resource<V1Secret> secret, MiddlewareScope scope)
    {
        var keys = (secret.Value.Data?.Keys ?? []).Union(secret.Value.StringData?.Keys ?? []).ToList();
        if (keys.Count != 1)
        {
            scope.Refuse("invalid-secret", $"The Secret {secret.FullName} has {keys.Count} keys, expected one with the users.", Field);
            return [];
        }

        var users = new List<PasswordHash>();
        foreach (var line in (TlsSecrets.Text(secret, keys[0]) ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line[0] == '#')
            {
                continue;
            }

            if (colon <= 0 || !Array.Exists(KnownHashes, known => line.AsSpan(colon + 1).StartsWith(known, StringComparison.Ordinal)))
            {
                scope.Findings.Warning(
                    "unsupported-password-hash",
                    $"A line of the Secret {secret.FullName} is not user:hash with a bcrypt, apr1 or {{SHA}} hash; that user cannot log in.",
                    Field);
                continue;
            }

            users.Add(new PasswordHash(line[..colon], line[(colon + 1)..]));
        }

        return users;
    }
}
