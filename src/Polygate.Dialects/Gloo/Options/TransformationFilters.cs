using System.Text.Json;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Options;

/// <summary>
/// Staged transformations as header filters, as far as they set, append or remove headers with fixed text for every
/// request. Everything else they can do is reported.
/// </summary>
internal static class TransformationFilters
{
    /// <summary>The filters, early stage first; answers pass them in reverse.</summary>
    public static IEnumerable<Filter> Of(StagedTransformations? stages, string field, Resource owner, Findings findings) =>
        stages is null
            ? []
            : Stage(stages.Early, field + ".early", owner, findings).Concat(Stage(stages.Regular, field + ".regular", owner, findings));

    private static IEnumerable<Filter> Stage(TransformationStage? stage, string field, Resource owner, Findings findings)
    {
        var result = new List<Filter>();
        var hasResponse = false;

        // The first request transform that matches is the only one; without a matcher it is the first.
        if (stage?.RequestTransforms is { Count: > 0 } transforms)
        {
            var first = transforms[0];
            var at = field + ".requestTransforms[0]";
            if (IsSet(first.Matcher))
            {
                findings.Unsupported(true, field + ".requestTransforms", owner);
                return [];
            }

            findings.Unsupported(transforms.Count > 1, field + ".requestTransforms[1]", owner);
            findings.Unsupported(first.ClearRouteCache == true, at + ".clearRouteCache", owner);
            if (Changes(first.RequestTransformation, at + ".requestTransformation", owner, findings) is { } request)
            {
                result.Add(new RequestHeaderFilter(request));
            }

            hasResponse = first.ResponseTransformation is not null;
            if (Changes(first.ResponseTransformation, at + ".responseTransformation", owner, findings) is { } response)
            {
                result.Add(new ResponseHeaderFilter(response));
            }
        }

        if (stage?.ResponseTransforms is { Count: > 0 } answers && !hasResponse)
        {
            var answer = answers[0];
            var at = field + ".responseTransforms[0]";
            if (IsSet(answer.Matchers) || !string.IsNullOrEmpty(answer.ResponseCodeDetails) || answers.Count > 1)
            {
                findings.Unsupported(true, field + ".responseTransforms", owner);
            }
            else if (Changes(answer.ResponseTransformation, at + ".responseTransformation", owner, findings) is { } changes)
            {
                result.Add(new ResponseHeaderFilter(changes));
            }
        }

        return result;
    }

    private static bool IsSet(JsonElement? value) => value is { ValueKind: not JsonValueKind.Null };

    private static HeaderChanges? Changes(Transformation? transformation, string field, Resource owner, Findings findings)
    {
        findings.Unsupported(IsSet(transformation?.HeaderBodyTransform), field + ".headerBodyTransform", owner);
        if (transformation?.TransformationTemplate is not { } template)
        {
            return null;
        }

        field += ".transformationTemplate";
        findings.Fields(TransformationTemplate.Fields, template, field, owner);
        var (set, add, remove) = (new List<HeaderValue>(), new List<HeaderValue>(), (template.HeadersToRemove ?? []).ToList());
        foreach (var (name, text) in template.Headers ?? new Dictionary<string, TemplateText>())
        {
            if (!IsFixed(name, text, $"{field}.headers.{name}", owner, findings))
            {
                continue;
            }

            if (string.IsNullOrEmpty(text.Text))
            {
                // A header that renders to nothing is removed.
                remove.Add(name);
            }
            else
            {
                set.Add(new HeaderValue(name, text.Text));
            }
        }

        foreach (var header in template.HeadersToAppend ?? [])
        {
            if (IsFixed(header.Key ?? "", header.Value, field + ".headersToAppend", owner, findings))
            {
                add.Add(new HeaderValue(header.Key!, header.Value?.Text ?? ""));
            }
        }

        return set.Count + add.Count + remove.Count == 0
            ? null
            : new HeaderChanges { Remove = remove.ToValueList(), Set = set.ToValueList(), Add = add.ToValueList() };
    }

    private static bool IsFixed(string name, TemplateText? text, string field, Resource owner, Findings findings)
    {
        var isFixed = name.Length > 0 && name[0] != ':'
            && text?.Text?.Contains("{{", StringComparison.Ordinal) != true && text?.Text?.Contains("{%", StringComparison.Ordinal) != true;
        findings.Unsupported(!isFixed, field, owner);
        return isFixed;
    }
}
