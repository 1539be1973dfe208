using k8s.Models;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Headers that the controller's ConfigMap writes into every answer and into every request to a backend.</summary>
internal sealed class ControllerHeaders
{
    private readonly TranslationContext context;
    private readonly IngressNginxOptions options;

    public ControllerHeaders(TranslationContext context, IngressNginxOptions options)
    {
        this.context = context;
        this.options = options;
    }

    /// <summary><c>hide-headers</c> and <c>add-headers</c>.</summary>
    public void AddForAnswers(List<Filter> filters)
    {
        var added = Entries(options.ResponseHeaderMap)
            .Where(entry => NginxTemplate.Parse(entry.Value, out _) is { } template && NginxTemplate.Literal(template) is not null)
            .Select(entry => new HeaderValue(entry.Name, entry.Value)).ToValueList();
        if (!options.HiddenHeaders.IsEmpty || !added.IsEmpty)
        {
            filters.Add(new ResponseHeaderFilter(new HeaderChanges { Remove = options.HiddenHeaders, Set = added }));
        }
    }

    /// <summary>The scheme, <c>proxy-set-headers</c>, <c>X-Original-URI</c>, and what snippets write.</summary>
    /// <param name="filters">Where the filter goes.</param>
    /// <param name="more">Written last.</param>
    public void AddForRequests(List<Filter> filters, ValueList<HeaderTemplate> more)
    {
        var headers = new List<HeaderTemplate>
        {
            new("X-Scheme", TextTemplate.Of(TextSource.Scheme)),
            new("X-Forwarded-Scheme", TextTemplate.Of(TextSource.Scheme)),
        };
        if (options.TellsOriginalUri)
        {
            headers.Add(new HeaderTemplate("X-Original-URI", TextTemplate.Of(TextSource.PathAndQuery)));
        }

        foreach (var (name, value) in Entries(options.RequestHeaderMap))
        {
            if (NginxTemplate.Parse(value, out _) is { } template)
            {
                headers.Add(new HeaderTemplate(name, template));
            }
        }

        filters.Add(new RequestHeaderTemplateFilter([.. headers, .. more]));
    }

    /// <summary>The usable entries of a ConfigMap that the administrator names; what is wrong with others is said where the Ingress is.</summary>
    private IEnumerable<(string Name, string Value)> Entries(string? fullName)
    {
        if (fullName is null)
        {
            return [];
        }

        var slash = fullName.IndexOf('/', StringComparison.Ordinal);
        if (context.Get<V1ConfigMap>(fullName[..slash], fullName[(slash + 1)..]) is not { } map)
        {
            context.Warning("missing-configmap", $"The ConfigMap {fullName} that the controller's ConfigMap names does not exist; its headers are not written.");
            return [];
        }

        var entries = (map.Value.Data ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Name: pair.Key, Value: pair.Value ?? "")).ToList();
        foreach (var (name, value) in entries.Where(entry => !IsUsable(entry.Name, entry.Value)))
        {
            context.Warning("invalid-header", $"The entry {name} of the ConfigMap {fullName} is not a header, or has a variable that is not supported; it is not written.");
        }

        return entries.Where(entry => IsUsable(entry.Name, entry.Value));
    }

    private static bool IsUsable(string name, string value) =>
        HeaderNames.IsName(name) && HeaderNames.IsValue(value) && NginxTemplate.Parse(value, out _) is not null;
}
