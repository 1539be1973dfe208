using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>
/// Authorization by a service (HTTPExternalAuthFilter). It fails closed: where the service cannot be asked, and where its reference
/// does not resolve, requests are answered 500.
/// </summary>
internal static class ExternalAuth
{
    // The most that the engine holds of a body for a service; the CRD knows no limit.
    private const int MostBytes = 8 * 1024 * 1024;

    public static Filter Translate(HTTPExternalAuth? auth, RouteBackends backends, RouteReport report, string field)
    {
        if (auth?.BackendRef is not { } reference || auth.Protocol is not ("HTTP" or "GRPC"))
        {
            return Refuse(report, "The filter needs a backendRef and the protocol HTTP or GRPC", field);
        }

        if (auth.HTTP?.Path is { } path && !IsPath(path))
        {
            return Refuse(report, $"\"{path}\" cannot stand in front of a path", field + ".http.path");
        }

        if (backends.Get(reference, field + ".backendRef") is not { } backend)
        {
            return new RefuseFilter(500);
        }

        var body = auth.ForwardBody?.MaxSize is > 0 and var size ? new AuthorizationBody(Math.Min(size, MostBytes)) : null;
        return auth.Protocol == "GRPC"
            ? new ExternalAuthorizationFilter(backend)
            {
                Protocol = AuthorizationProtocol.Grpc,
                Body = body,
                Request = new AuthorizationRequest { Headers = (auth.GRPC?.AllowedHeaders ?? []).ToValueList() },
            }
            : OverHttp(backend, auth.HTTP ?? new HTTPAuthConfig(), body);
    }

    /// <summary>Only 200 is a yes, and credentials always go along ("allowedHeaders").</summary>
    private static ExternalAuthorizationFilter OverHttp(string backend, HTTPAuthConfig http, AuthorizationBody? body) => new(backend)
    {
        Body = body,
        Request = new AuthorizationRequest
        {
            Path = string.IsNullOrEmpty(http.Path) ? null : new TextTemplate([TextPart.Literal("/" + http.Path.Trim('/')), new TextPart(TextSource.PathAndQuery)]),
            Headers = ["Authorization", .. http.AllowedHeaders ?? []],
        },
        Success = new AuthorizationSuccess
        {
            Statuses = [200],
            CopyToRequest = (http.AllowedResponseHeaders ?? []).ToValueList(),
            CopyAllToRequest = http.AllowedResponseHeaders is not { Count: > 0 },
        },
    };

    /// <summary>Whether a text is a path and nothing else: a query or dot segments in it would have the service asked about another request.</summary>
    private static bool IsPath(string path) =>
        path.All(letter => char.IsAsciiLetterOrDigit(letter) || "-/._~!$&'()*+,;=:@%".Contains(letter)) && !path.Split('/').Any(segment => Uri.UnescapeDataString(segment) is "." or "..");

    private static RefuseFilter Refuse(RouteReport report, string problem, string field)
    {
        report.Fault("unsupported-value", problem + "; requests that need it are answered 500.", field);
        return new RefuseFilter(500);
    }
}
