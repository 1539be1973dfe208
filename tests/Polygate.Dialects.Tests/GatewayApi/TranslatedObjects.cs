using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Model;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Objects of the Gateway API, translated: their statuses and what is listened on.</summary>
internal sealed class TranslatedObjects
{
    private readonly GatewayApiDialect dialect;
    private readonly Translator translator;

    public TranslatedObjects(GatewayApiOptions? options = null)
    {
        dialect = new GatewayApiDialect(options);
        translator = new Translator([dialect]);
    }

    public GatewayConfiguration Configuration => translator.Configuration;

    public IEnumerable<FinalizerWish> Finalizers => translator.Finalizers;

    public void Set(params string[] documents) => translator.Apply(documents.SelectMany(Read), []);

    public void Remove(params string[] documents) => translator.Apply([], documents.SelectMany(Read));

    /// <summary>A status, by kind and name (with the namespace where it is not the default one).</summary>
    public JsonObject Status(string kind, string name) => translator.Statuses.Single(status =>
        status.Resource.Kind == kind && (status.Resource.Namespace is "default" or "" ? status.Resource.Name : $"{status.Resource.Namespace}/{status.Resource.Name}") == name).Status;

    /// <summary>A condition as <c>True Reason</c>; null when there is none.</summary>
    public string? Condition(string kind, string name, string type) => Condition(Status(kind, name), type);

    /// <summary>A condition of a listener.</summary>
    public string? Condition(string kind, string name, string listener, string type) => Condition(
        Status(kind, name)["listeners"]!.AsArray().Single(entry => (string)entry!["name"]! == listener)!.AsObject(), type);

    public IReadOnlyList<string> Addresses(string gateway) =>
        [.. (Status("Gateway", gateway)["addresses"]?.AsArray() ?? []).Select(address => (string)address!["value"]!)];

    /// <summary>A condition of what has conditions.</summary>
    public static string? Condition(JsonObject status, string type) => status["conditions"]!.AsArray()
        .Where(condition => (string)condition!["type"]! == type)
        .Select(condition => $"{(string)condition!["status"]!} {(string)condition["reason"]!}").SingleOrDefault();

    private IReadOnlyList<Resource> Read(string yaml)
    {
        var file = new ManifestReader(dialect.ResourceTypes).Read("in.yaml", yaml);
        Assert.Empty(file.Diagnostics);
        return file.Resources;
    }
}
