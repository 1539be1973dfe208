using System.Text.Json;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Ambassador;

/// <summary>What holds for the whole installation: its identity and the Module <c>ambassador</c>.</summary>
internal sealed class Installation
{
    private readonly IReadOnlyDictionary<string, JsonElement> config;

    private Installation(IReadOnlyDictionary<string, JsonElement> config, bool hasAuthentication, IReadOnlyList<string> rateLimitDomains)
    {
        this.config = config;
        HasAuthentication = hasAuthentication;
        RateLimitDomains = rateLimitDomains;
    }

    /// <summary>Where Ambassador itself is installed, as its manifests have it.</summary>
    public const string OwnNamespace = "emissary";

    /// <summary>Whether an AuthService is asked about every request whose Mapping does not bypass it.</summary>
    public bool HasAuthentication { get; }

    /// <summary>The label domains that a RateLimitService counts.</summary>
    public IReadOnlyList<string> RateLimitDomains { get; }

    /// <summary>Whether unqualified service names mean the namespace of the installation instead of the Mapping's.</summary>
    public bool UsesOwnNamespace => Setting("use_ambassador_namespace_for_service_resolution") is { ValueKind: JsonValueKind.True };

    /// <summary>Whether an object is for this installation: it says nothing, <c>default</c>, or <c>_automatic_</c>.</summary>
    public static bool IsOurs(JsonElement? ambassadorId) =>
        JsonText.List(ambassadorId) is not { Count: > 0 } ids || ids.Contains("default") || ids.Contains("_automatic_");

    public static Installation Read(IResourceLookup lookup)
    {
        var module = lookup.List<AmbassadorModule>().FirstOrDefault(candidate => candidate.Name == "ambassador" && IsOurs(candidate.Value.Spec.AmbassadorId));
        return new Installation(
            module?.Value.Spec.Config ?? new Dictionary<string, JsonElement>(),
            lookup.List<AuthService>().Any(service => IsOurs(service.Value.Spec.AmbassadorId)),
            [.. lookup.List<RateLimitService>().Where(service => IsOurs(service.Value.Spec.AmbassadorId)).Select(service => service.Value.Spec.Domain ?? "ambassador")]);
    }

    /// <summary>A setting of the Module; null when it is absent.</summary>
    public JsonElement? Setting(string name) =>
        config.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A whole number of the Module; null when it is absent or none.</summary>
    public int? Number(string name) => Setting(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : null;

    /// <summary>A default for Mappings (<c>defaults.httpmapping</c>); null when it is absent.</summary>
    public JsonElement? MappingDefault(string name) =>
        Setting("defaults") is { ValueKind: JsonValueKind.Object } defaults
        && defaults.TryGetProperty("httpmapping", out var mapping) && mapping.ValueKind == JsonValueKind.Object
        && mapping.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
}
