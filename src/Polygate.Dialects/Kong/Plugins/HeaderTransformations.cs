using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary>
/// The header parts of the transformers, in Kong's order: remove, replace (where present), add (where absent), append.
/// </summary>
internal static class HeaderTransformations
{
    /// <summary>The changes, each to be applied after the one before; templates are left out with a warning.</summary>
    public static IReadOnlyList<HeaderChanges> Read(PluginConfig config, Findings findings)
    {
        var remove = (config.Section("remove").Texts("headers") ?? []).ToValueList();
        var replace = Pairs(config.Section("replace"), findings);
        var add = Pairs(config.Section("add"), findings);
        var append = Pairs(config.Section("append"), findings);
        config.Section("rename");
        HeaderChanges[] all =
        [
            new() { Remove = remove, SetIfPresent = replace },
            new() { SetIfAbsent = add },
            new() { Add = append },
        ];
        return [.. all.Where(changes => changes != new HeaderChanges())];
    }

    private static ValueList<HeaderValue> Pairs(PluginConfig section, Findings findings)
    {
        var pairs = new List<HeaderValue>();
        foreach (var text in section.Texts("headers") ?? [])
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                findings.Error("invalid-header", $"'{text}' is not a header of the form name:value.", section.Field("headers"));
            }
            else if (IsTemplate(text))
            {
                findings.Warning("unsupported-template", $"Templates are not supported yet: the header {text[..colon]} stays as it is.", section.Field("headers"));
            }
            else
            {
                pairs.Add(new HeaderValue(text[..colon].Trim(), text[(colon + 1)..].Trim()));
            }
        }

        return pairs.ToValueList();
    }

    /// <summary>Whether a value is computed from the request.</summary>
    public static bool IsTemplate(string text) => text.Contains("$(", StringComparison.Ordinal);
}
