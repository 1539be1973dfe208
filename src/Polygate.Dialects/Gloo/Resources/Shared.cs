using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>An object by name; without a namespace, one beside the object that names it.</summary>
public sealed record ResourceRef
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }
}

/// <summary>Reusable options that an object takes, in order.</summary>
public sealed record OptionReferences
{
    public IReadOnlyList<ResourceRef>? DelegateOptions { get; init; }
}

/// <summary>Objects by labels or by expressions (not both), in namespaces.</summary>
public sealed record ObjectSelector
{
    public IReadOnlyList<LabelExpression>? Expressions { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<string>? Namespaces { get; init; }
}

/// <summary>A condition on a label.</summary>
public sealed record LabelExpression
{
    public string? Key { get; init; }

    /// <summary>Equals, DoubleEquals, NotEquals, In, NotIn, Exists, DoesNotExist, GreaterThan, LessThan.</summary>
    public JsonElement? Operator { get; init; }

    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>A list of conditions that must all hold.</summary>
public sealed record LabelExpressions
{
    public IReadOnlyList<LabelExpression>? Expressions { get; init; }
}

/// <summary>A regular expression; the engine's settings are the vendor's.</summary>
public sealed record RegexMatchAndSubstitute
{
    public RegexPattern? Pattern { get; init; }

    public string? Substitution { get; init; }
}

/// <summary>A regular expression in RE2's syntax.</summary>
public sealed record RegexPattern
{
    public JsonElement? GoogleRe2 { get; init; }

    public string? Regex { get; init; }
}

/// <summary>TLS of virtual services, gateway matchers and (with <see cref="Sni"/>) upstreams.</summary>
public sealed record SslConfig : OpenFields
{
    public static readonly FieldTable DownstreamFields = new(
        ignored: ["transportSocketConnectTimeout"],
        unsupported: ["alpnProtocols", "disableTlsSessionResumption", "ocspStaplePolicy"]);

    public static readonly FieldTable UpstreamFields = new(unsupported: ["alpnProtocols", "allowRenegotiation"]);

    public bool? OneWayTls { get; init; }

    public SslParameters? Parameters { get; init; }

    public JsonElement? Sds { get; init; }

    public ResourceRef? SecretRef { get; init; }

    public string? Sni { get; init; }

    public IReadOnlyList<string>? SniDomains { get; init; }

    public JsonElement? SslFiles { get; init; }

    public IReadOnlyList<string>? VerifySubjectAltName { get; init; }
}

/// <summary>TLS versions and ciphers.</summary>
public sealed record SslParameters
{
    public IReadOnlyList<string>? CipherSuites { get; init; }

    public IReadOnlyList<string>? EcdhCurves { get; init; }

    /// <summary>TLS_AUTO (0), TLSv1_0 (1) to TLSv1_3 (4).</summary>
    public JsonElement? MaximumProtocolVersion { get; init; }

    public JsonElement? MinimumProtocolVersion { get; init; }
}
