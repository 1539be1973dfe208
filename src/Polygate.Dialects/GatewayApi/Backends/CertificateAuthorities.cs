using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>Reads certificate authorities: ConfigMaps with PEM certificates under <c>ca.crt</c>.</summary>
internal static class CertificateAuthorities
{
    private const string Key = "ca.crt";

    private static readonly ConditionalWeakTable<Resource<V1ConfigMap>, string> Checked = [];

    /// <summary>Whether a reference is to a kind that authorities are read from.</summary>
    public static bool IsReadable(string group, string kind) => group.Length == 0 && kind == "ConfigMap";

    /// <summary>The certificates of a ConfigMap in PEM, or why there are none.</summary>
    /// <param name="lookup">Where ConfigMaps are found.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="field">Where the reference stands.</param>
    public static (string? Pem, Problem? Problem) Read(IResourceLookup lookup, string ns, string name, string field)
    {
        if (lookup.Get<V1ConfigMap>(ns, name) is not { } map)
        {
            return (null, new Problem("InvalidCACertificateRef", $"There is no ConfigMap {ns}/{name}.", field));
        }

        return Checked.GetValue(map, Pem) is { Length: > 0 } pem
            ? (pem, null)
            : (null, new Problem("InvalidCACertificateRef", $"The ConfigMap {map.FullName} has no PEM certificate in {Key}.", field));
    }

    /// <summary>The text of a ConfigMap's authorities; empty when it has none that can be read.</summary>
    private static string Pem(Resource<V1ConfigMap> map) => map.Value.Data is { } data && data.TryGetValue(Key, out var pem) && IsPem(pem) ? pem : "";

    private static bool IsPem(string text)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            var any = certificates.Count > 0;
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }

            return any;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
