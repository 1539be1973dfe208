using System.Text;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>Makes the backends of a route on one Gateway.</summary>
internal sealed class RouteBackends
{
    private readonly TranslationContext context;
    private readonly Resource route;
    private readonly Resource<Gateway>? gateway;
    private readonly RouteReport report;

    /// <param name="context">Receives the backends.</param>
    /// <param name="route">The route.</param>
    /// <param name="gateway">The Gateway; null to only check the references.</param>
    /// <param name="report">Receives what does not resolve.</param>
    public RouteBackends(TranslationContext context, Resource route, Resource<Gateway>? gateway, RouteReport report)
    {
        this.context = context;
        this.route = route;
        this.gateway = gateway;
        this.report = report;
    }

    /// <summary>The identity of the backend for a reference; null when there is none to send requests to.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="field">Where it stands.</param>
    public string? Get(BackendObjectReference reference, string field) => Target(reference, field) is { } target
        ? target.External is { } external ? AddExternal(external, target.Key, field, isStream: false) : AddService(target.Port!, target.Key, field)
        : null;

    /// <summary>The identity of the backend for a stream; null when there is none, and its share of connections is closed.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="field">Where it stands.</param>
    /// <param name="terminated">Whether the client's TLS ended here: only then is a BackendTLSPolicy obeyed, otherwise it would encrypt what may be TLS already.</param>
    public string? GetStream(BackendObjectReference reference, string field, bool terminated)
    {
        if (Target(reference, field) is not { } target)
        {
            return null;
        }

        if (target.External is { } external)
        {
            return AddExternal(external, target.Key, field, isStream: true);
        }

        var port = target.Port!;
        var policy = terminated ? BackendTlsPolicies.InForce(context, port.Service.Namespace, port.Service.Name, port.Port.Name) : null;
        return Add(ServiceBackends.Plain(port) with { Protocol = BackendProtocol.Http1 }, port, target.Key, policy, field);
    }

    /// <summary>Whether one of a rule's backends speaks HTTP/2, as those that speak gRPC do.</summary>
    public bool SpeakHttp2(IReadOnlyList<HTTPBackendRef> references) => route.Key.Kind == "GRPCRoute" || references.Any(reference =>
        BackendReferences.Resolve(context, route, reference, "").Target switch
        {
            { Port: { } port } => port.Port.AppProtocol?.ToLowerInvariant() is "kubernetes.io/h2c" or "h2c" or "grpc",
            { External: { } external } => external.Value.Spec.Protocol is "HTTP2" or "H2C",
            _ => false,
        });

    /// <summary>The policy that keeps sessions for all backends of a rule; null where there is none, or they differ.</summary>
    /// <param name="references">The backends.</param>
    /// <param name="field">Where the rule stands.</param>
    public Resource<XBackendTrafficPolicy>? SessionPolicy(IReadOnlyList<HTTPBackendRef> references, string field)
    {
        var policies = references.Where(reference => reference.Weight != 0)
            .Select(reference => BackendReferences.Resolve(context, route, reference, "").Target).OfType<BackendTarget>()
            .Select(target => TrafficPolicies.InForce(context, target.Key) is { Value.Spec.SessionPersistence: not null } policy ? policy : null).Distinct().ToList();
        if (policies.Count > 1)
        {
            report.Warn("unused-policy", "The backends of the rule have different policies on sessions, so that it keeps none; say so in sessionPersistence.", field + ".backendRefs");
        }

        return policies.Count == 1 ? policies[0] : null;
    }

    private BackendTarget? Target(BackendObjectReference reference, string field)
    {
        var (target, problem) = BackendReferences.Resolve(context, route, reference, field);
        if (problem is not null)
        {
            report.Unresolved(problem);
        }

        return target;
    }

    private string? AddService(ServicePort port, string key, string field)
    {
        var policy = BackendTlsPolicies.InForce(context, port.Service.Namespace, port.Service.Name, port.Port.Name);
        if (Protocol(port, policy is not null) is not { } protocol)
        {
            report.Unresolved(new Problem(
                "UnsupportedProtocol",
                $"Port {port.Port.Port} of Service {port.Service.FullName} speaks {port.Port.AppProtocol}, which cannot be spoken to it{(policy is null ? " without a BackendTLSPolicy" : "")}.",
                field));
            return null;
        }

        return Add(ServiceBackends.Plain(port) with { Protocol = protocol }, port, key, policy, field);
    }

    /// <summary>Adds a host outside of the cluster; the client's TLS that passes through is not encrypted again.</summary>
    private string? AddExternal(Resource<XBackend> external, string key, string field, bool isStream)
    {
        var outcome = ExternalBackends.Read(context, external, context.RefusesLocalBackends);
        if (outcome.Backend is not { } backend)
        {
            report.Fault("backend-invalid", $"The XBackend {external.FullName} cannot be obeyed; its share of the requests is refused.", field);
            return null;
        }

        if (outcome.Protocol is not null && (outcome.Protocol == "TCP") != isStream)
        {
            report.Unresolved(new Problem("UnsupportedProtocol", $"The XBackend {external.FullName} speaks {outcome.Protocol}, which a {route.Key.Kind} cannot.", field));
            return null;
        }

        if (outcome.ClientCertificate is { } certificate)
        {
            context.Add(certificate);
        }

        var isHttp2 = !isStream && (outcome.Protocol is "HTTP2" or "H2C" || (outcome.Protocol is null && route.Key.Kind == "GRPCRoute"));
        return Finish(isHttp2 ? backend with { Protocol = BackendProtocol.Http2, Id = backend.Id + "?http2" } : backend, key, null);
    }

    /// <summary>Adds a Service's port, with TLS where a policy asks for it.</summary>
    private string? Add(Backend backend, ServicePort port, string key, Resource<BackendTLSPolicy>? policy, string field)
    {
        if (policy is not null)
        {
            if (BackendTlsPolicies.Read(context, policy).Tls is not { } tls)
            {
                report.Fault("backend-tls", $"The BackendTLSPolicy {policy.FullName} of this backend cannot be obeyed; its share of the requests is refused.", field);
                return null;
            }

            backend = backend with { Tls = tls with { ClientCertificate = ClientCertificate() } };
        }

        return Finish(backend with { Id = Identity(backend, port, policy) }, key, port.Port.Name);
    }

    /// <summary>Adds a backend with what policies say of it; its identity names them.</summary>
    private string Finish(Backend backend, string key, string? port)
    {
        var plain = backend.Id;
        backend = Policies.BackendPolicies.Apply(context, backend, key, port);
        if (backend.Id != plain)
        {
            backend = backend with { Id = Special(backend.Id) };
        }

        if (TrafficPolicies.InForce(context, key) is { } policy && TrafficPolicies.Budget(policy.Value.Spec) is { } budget)
        {
            backend = backend with { RetryBudget = budget, Id = Special(backend.Id) + "?traffic=" + policy.Name };
        }

        context.Add(backend);
        return backend.Id;
    }

    private static string Special(string id) => id.StartsWith("gateway-api/", StringComparison.Ordinal) ? id : "gateway-api/" + id;

    /// <summary>
    /// What is spoken to a port (KEP-3726 <c>appProtocol</c>, compared without case: <c>HTTPS</c> is seen too); null when it cannot be. A
    /// GRPCRoute's backends speak HTTP/2.
    /// </summary>
    private BackendProtocol? Protocol(ServicePort port, bool tls)
    {
        BackendProtocol? declared = port.Port.AppProtocol?.ToLowerInvariant() switch
        {
            null or "" or "http" or "kubernetes.io/ws" => BackendProtocol.Http1,
            "kubernetes.io/h2c" or "h2c" or "grpc" => BackendProtocol.Http2,
            "kubernetes.io/wss" or "https" => tls ? BackendProtocol.Http1 : null,
            _ => null,
        };
        return declared is not null && route.Key.Kind == "GRPCRoute" ? BackendProtocol.Http2 : declared;
    }

    private string? ClientCertificate()
    {
        if (gateway is null || CertificateReferences.ForBackends(context, gateway).Certificate is not { } certificate)
        {
            return null;
        }

        context.Add(certificate);
        return certificate.Id;
    }

    /// <summary>
    /// A backend that is nothing but the Service port has the port's name, which all dialects share; any other says what
    /// is special about it.
    /// </summary>
    private string Identity(Backend backend, ServicePort port, Resource? policy)
    {
        var plain = ServiceBackends.Plain(port);
        if (backend == plain)
        {
            return plain.Id;
        }

        var id = new StringBuilder("gateway-api/").Append(plain.Id);
        if (backend.Protocol == BackendProtocol.Http2)
        {
            id.Append("?http2");
        }

        if (policy is not null)
        {
            id.Append("?tls=").Append(policy.Name);
        }

        if (backend.Tls?.ClientCertificate is not null)
        {
            id.Append("?gateway=").Append(gateway!.FullName);
        }

        return id.ToString();
    }
}
