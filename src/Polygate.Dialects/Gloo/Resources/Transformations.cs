using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>Transformations by stage.</summary>
public sealed record StagedTransformations : OpenFields
{
    public static readonly FieldTable Fields = new(ignored: ["logRequestResponseInfo", "escapeCharacters"], unsupported: ["postRouting"]);

    public TransformationStage? Early { get; init; }

    public bool? InheritTransformation { get; init; }

    public TransformationStage? Regular { get; init; }
}

/// <summary>The transformations of one stage; the first that matches is applied.</summary>
public sealed record TransformationStage
{
    public IReadOnlyList<RequestTransform>? RequestTransforms { get; init; }

    public IReadOnlyList<ResponseTransform>? ResponseTransforms { get; init; }
}

/// <summary>A transformation of matching requests (and of their answers).</summary>
public sealed record RequestTransform
{
    public bool? ClearRouteCache { get; init; }

    public JsonElement? Matcher { get; init; }

    public Transformation? RequestTransformation { get; init; }

    public Transformation? ResponseTransformation { get; init; }
}

/// <summary>A transformation of answers.</summary>
public sealed record ResponseTransform
{
    public JsonElement? Matchers { get; init; }

    public string? ResponseCodeDetails { get; init; }

    public Transformation? ResponseTransformation { get; init; }
}

/// <summary>One transformation.</summary>
public sealed record Transformation
{
    public JsonElement? HeaderBodyTransform { get; init; }

    public bool? LogRequestResponseInfo { get; init; }

    public TransformationTemplate? TransformationTemplate { get; init; }
}

/// <summary>A template; only changes of headers to fixed text are interpreted.</summary>
public sealed record TransformationTemplate : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["advancedTemplates", "escapeCharacters", "ignoreErrorOnParse", "parseBodyBehavior", "passthrough"],
        unsupported: ["body", "dynamicMetadataValues", "extractors", "mergeExtractorsToBody", "mergeJsonKeys", "spanTransformer"]);

    public IReadOnlyDictionary<string, TemplateText>? Headers { get; init; }

    public IReadOnlyList<TemplateHeader>? HeadersToAppend { get; init; }

    public IReadOnlyList<string>? HeadersToRemove { get; init; }
}

/// <summary>A header to append.</summary>
public sealed record TemplateHeader
{
    public string? Key { get; init; }

    public TemplateText? Value { get; init; }
}

/// <summary>An Inja template.</summary>
public sealed record TemplateText
{
    public string? Text { get; init; }
}
