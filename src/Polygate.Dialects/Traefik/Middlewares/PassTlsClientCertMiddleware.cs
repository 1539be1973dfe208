using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>passTLSClientCert</c>: telling the service about the client's certificate is not supported yet; what clients write
/// into those headers themselves is removed, since the service trusts them.
/// </summary>
internal static class PassTlsClientCertMiddleware
{
    public static void Apply(PassTlsClientCertSpec spec, MiddlewareScope scope)
    {
        scope.Add(new RequestHeaderFilter(new HeaderChanges { Remove = ["X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info"] }));
        scope.Findings.Unsupported(spec, "spec.passTLSClientCert");
    }
}
