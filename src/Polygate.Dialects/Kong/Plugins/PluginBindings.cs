using System.Text.Json;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Kong.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary>
/// Which plugins run on a route: of each type exactly one, the Ingress's before the Service's before a global one. A plugin
/// that is missing or broken closes the route.
/// </summary>
internal sealed class PluginBindings
{
    private readonly TranslationContext context;
    private readonly Findings findings;

    public PluginBindings(TranslationContext context, Findings findings)
    {
        this.context = context;
        this.findings = findings;
    }

    /// <summary>KongConsumers and groups by the plugins they name (<c>namespace/name</c>).</summary>
    public static ResourceIndex<KongConsumer> ConsumersByPlugin { get; } = new(
        "kong-consumers-by-plugin",
        consumer => (new KongAnnotations(consumer).List("plugins") ?? []).Select(name => consumer.Namespace + "/" + name));

    /// <summary>The plugins that apply to everything.</summary>
    public static ResourceIndex<KongClusterPlugin> Globals { get; } = new(
        "kong-global-plugins",
        plugin => plugin.Label("global") == "true" && plugin.Annotation(IngressClasses.LegacyAnnotation) is null or "" or "kong" ? ["global"] : []);

    /// <summary>What the plugins of a route do.</summary>
    /// <param name="ingress">The plugins that the Ingress names.</param>
    /// <param name="service">The Service; null when there is none.</param>
    /// <param name="serviceField">Where the Service is referred to.</param>
    public PluginTarget Apply(KongAnnotations ingress, Resource<V1Service>? service, string serviceField)
    {
        var target = new PluginTarget();
        var chosen = new Dictionary<string, Resource>(StringComparer.Ordinal);
        Choose(ingress.List("plugins"), context.Root.Namespace, KongAnnotations.Field("plugins"), chosen, target);
        if (service is not null)
        {
            var named = new Dictionary<string, Resource>(StringComparer.Ordinal);
            Choose(new KongAnnotations(service).List("plugins"), service.Namespace, serviceField, named, target);
            Add(named, chosen);
        }

        Add(GlobalPlugins(), chosen);
        foreach (var (type, plugin) in chosen.OrderByDescending(pair => PluginCatalog.PriorityOf(pair.Key)).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!Run(type, plugin, target))
            {
                findings.Error("broken-plugin", $"The {plugin.Key} has an error: the route answers 503.", KongAnnotations.Field("plugins"));
            }
        }

        return target;
    }

    /// <summary>Checks one plugin by itself and reports what is wrong with it; one that is switched off is nobody's concern.</summary>
    public static void Check(TranslationContext context, Resource plugin, PluginResource value)
    {
        if (value.Disabled != true)
        {
            Run(context, value.Plugin ?? "", plugin, value, new PluginTarget());
        }
    }

    private static void Add(Dictionary<string, Resource> plugins, Dictionary<string, Resource> chosen)
    {
        foreach (var (type, plugin) in plugins)
        {
            chosen.TryAdd(type, plugin);
        }
    }

    private void Choose(IReadOnlyList<string>? names, string ns, string field, Dictionary<string, Resource> chosen, PluginTarget target)
    {
        foreach (var name in names ?? [])
        {
            if (name.Contains(':'))
            {
                target.Refuse(findings, "unsupported-reference", $"'{name}' is a plugin of another namespace, which is not supported yet: the route answers 503.", field);
            }
            else if (Find(ns, name) is not { } plugin)
            {
                target.Refuse(findings, "missing-plugin", $"There is neither a KongPlugin {ns}/{name} nor a KongClusterPlugin {name}: the route answers 503.", field);
            }
            else if (ValueOf(plugin).Disabled != true && !IsForConsumers(plugin, ns, name, field)
                && !chosen.TryAdd(ValueOf(plugin).Plugin ?? "", plugin))
            {
                target.Refuse(findings, "duplicate-plugin", $"'{name}' is the second plugin of its type on one object: the route answers 503.", field);
            }
        }
    }

    /// <summary>A plugin that a consumer names as well runs only for that consumer, and consumers are not known yet.</summary>
    private bool IsForConsumers(Resource plugin, string ns, string name, string field)
    {
        if (plugin is not Resource<KongPlugin> || context.Find(ConsumersByPlugin, ns + "/" + name).Count == 0)
        {
            return false;
        }

        findings.Warning("consumer-plugin", $"A KongConsumer names the plugin {name} as well, so that it runs for that consumer alone; consumers are not supported yet.", field);
        return true;
    }

    private Resource? Find(string ns, string name) => context.Get<KongPlugin>(ns, name) as Resource ?? context.Get<KongClusterPlugin>("", name);

    private Dictionary<string, Resource> GlobalPlugins() =>
        context.Find(Globals, "global")
            .Where(plugin => plugin.Value.Disabled != true)
            .GroupBy(plugin => plugin.Value.Plugin ?? "", StringComparer.Ordinal)

            // Two of one type cancel each other.
            .Where(group => group.Count() == 1)
            .ToDictionary(group => group.Key, group => (Resource)group.Single(), StringComparer.Ordinal);

    private static PluginResource ValueOf(Resource plugin) => plugin switch
    {
        Resource<KongPlugin> own => own.Value,
        Resource<KongClusterPlugin> shared => shared.Value,
        _ => throw new ArgumentException("Not a plugin.", nameof(plugin)),
    };

    private bool Run(string type, Resource plugin, PluginTarget target) => Run(context, type, plugin, ValueOf(plugin), target);

    private static bool Run(TranslationContext context, string type, Resource plugin, PluginResource value, PluginTarget target)
    {
        var own = new Findings(context, plugin);
        if (type.Length == 0)
        {
            target.Refuse(own, "missing-field", "plugin is required.", "plugin");
            return false;
        }

        own.Unsupported(value.Ordering, "ordering");
        if (Config(context, plugin, value, own, out var config))
        {
            PluginCatalog.ApplyTo(type, new PluginConfig(config, "config", own), target, own);
        }
        else
        {
            target.Refuse();
        }

        return !own.Failed;
    }

    /// <summary>The configuration written in the object, or the JSON in the Secret that it names.</summary>
    private static bool Config(TranslationContext context, Resource plugin, PluginResource value, Findings findings, out JsonElement? config)
    {
        config = value.Config;
        if (value.ConfigPatches is { Count: > 0 })
        {
            findings.Error("unsupported-field", "configPatches is not supported yet: routes that use the plugin answer 503.", "configPatches");
            return false;
        }

        if (value.ConfigFrom?.SecretKeyRef is not { } reference)
        {
            return true;
        }

        var ns = plugin.Namespace.Length > 0 ? plugin.Namespace : reference.Namespace ?? "";
        var text = context.Get<V1Secret>(ns, reference.Name ?? "") is { } secret ? TlsSecrets.Text(secret, reference.Key ?? "") : null;
        try
        {
            using var document = JsonDocument.Parse(text ?? "null");
            config = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            text = null;
        }

        if (text is null)
        {
            findings.Error(
                "invalid-secret", $"The Secret {ns}/{reference.Name} has no JSON under the key {reference.Key}: routes that use the plugin answer 503.", "configFrom");
        }

        return text is not null;
    }
}
