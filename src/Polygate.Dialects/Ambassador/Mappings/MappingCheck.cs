using Polygate.Dialects.Pipeline;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>Says of typed fields of a Mapping what has no effect, or not the obvious one.</summary>
internal static class MappingCheck
{
    public static void Report(MappingView mapping, TranslationContext context)
    {
        var spec = mapping.Spec;
        if (mapping.Hostname?.Contains(':') == true && !mapping.HostIsRegex)
        {
            context.Warning("port-in-hostname", "Hosts are compared without their port, so that this hostname fits none.", "spec.hostname");
        }

        if (spec.LoadBalancer is null && (spec.CircuitBreakers ?? []).Any(breaker => breaker.Priority == "high"))
        {
            context.Warning("unsupported-field", "Circuit breakers of the priority high are not supported yet and have no effect.", "spec.circuit_breakers");
        }

        if ((spec.CircuitBreakers ?? []).Any(breaker => breaker is { MaxPendingRequests: not null } or { MaxRequests: not null } or { MaxRetries: not null }))
        {
            context.Warning("unsupported-field", "Of circuit breakers only max_connections is supported yet.", "spec.circuit_breakers");
        }

        if (spec is { RegexRewrite: not null, Rewrite: not null })
        {
            context.Warning("no-effect", "rewrite has no effect beside regex_rewrite.", "spec.rewrite");
        }

        if (spec is { Shadow: true, HostRedirect: true })
        {
            context.Warning("no-effect", "host_redirect has no effect beside shadow.", "spec.host_redirect");
        }
    }
}
