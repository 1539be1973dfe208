namespace Polygate.Dialects.IngressNginx.Annotations;

/// <summary>What kind of value an annotation takes.</summary>
public enum AnnotationKind
{
    /// <summary><c>1 t T TRUE true True</c> and their opposites; a few also <c>on</c> and <c>off</c>.</summary>
    Boolean,

    Integer,

    /// <summary>A whole number of seconds.</summary>
    Seconds,

    /// <summary>Bytes, or with the suffix <c>k</c>, <c>m</c> or <c>g</c> their multiples of 1024.</summary>
    Size,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>Words separated by commas or spaces.</summary>
    List,

    /// <summary>Networks in CIDR notation or bare addresses, separated by commas.</summary>
    Networks,

    /// <summary>The name of another object, with its namespace where that is allowed.</summary>
    Name,

    Url,

    Regex,

    Text,
}

/// <summary>How much harm a value can do, as ingress-nginx rates it; above the permitted level the whole Ingress is ignored.</summary>
public enum AnnotationRisk
{
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>What Polygate makes of an annotation.</summary>
public enum AnnotationSupport
{
    Supported,

    /// <summary>Supported but for what <see cref="AnnotationInfo.Note"/> says.</summary>
    Partly,

    /// <summary>It sets up something that Polygate does not have or need; behaviour is as wished without it.</summary>
    NoEffect,

    /// <summary>Ignored with a warning.</summary>
    Unsupported,

    /// <summary>It restricts access in a way that is not supported: what it protects is refused.</summary>
    FailsClosed,
}

/// <summary>An annotation of ingress-nginx.</summary>
/// <param name="Name">Without the prefix.</param>
/// <param name="Theme">What it belongs to.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Default">The value that its absence stands for; empty for none.</param>
/// <param name="Risk">ingress-nginx's rating.</param>
/// <param name="Support">What Polygate makes of it.</param>
public sealed record AnnotationInfo(
    string Name, string Theme, AnnotationKind Kind, string Default, AnnotationRisk Risk, AnnotationSupport Support)
{
    /// <summary>The difference to ingress-nginx, as a clause; empty for none.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether the difference holds whatever the value is; other differences are reported for the values that they are about.</summary>
    public bool HasDifference { get; init; }

    /// <summary>Whether a regular expression may stand in the value, or be all of it.</summary>
    public bool TakesPattern { get; init; }
}
