using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Ambassador.Resources;

/// <summary>The <c>spec</c> of a <c>Module</c>; the one named <c>ambassador</c> holds the global settings.</summary>
public sealed record ModuleSpec
{
    public JsonElement? AmbassadorId { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Config { get; init; }
}

/// <summary>The <c>spec</c> of an <c>AuthService</c>: who is asked before a request goes on.</summary>
public sealed record AuthServiceSpec : OpenFields
{
    public JsonElement? AmbassadorId { get; init; }

    public string? AuthService { get; init; }
}

/// <summary>The <c>spec</c> of a <c>RateLimitService</c>: who counts requests with labels.</summary>
public sealed record RateLimitServiceSpec : OpenFields
{
    public JsonElement? AmbassadorId { get; init; }

    /// <summary>The label domain; default <c>ambassador</c>.</summary>
    public string? Domain { get; init; }

    public string? Service { get; init; }
}

/// <summary>The <c>spec</c> of a <c>TCPMapping</c>.</summary>
public sealed record TcpMappingSpec : OpenFields
{
    public JsonElement? AmbassadorId { get; init; }

    public int? Port { get; init; }

    public string? Service { get; init; }
}

/// <summary>The <c>spec</c> of kinds that are read and not served: LogService, TracingService, DevPortal.</summary>
public sealed record UnservedSpec : OpenFields
{
    public JsonElement? AmbassadorId { get; init; }
}

/// <summary>The <c>spec</c> of a resolver.</summary>
public sealed record ResolverSpec
{
    public string? Address { get; init; }

    public JsonElement? AmbassadorId { get; init; }

    public string? Datacenter { get; init; }
}
