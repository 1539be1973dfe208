namespace Polygate.Dialects.Common;

/// <summary>Header values in Envoy's format: <c>%COMMAND%</c> stands for something about the request, <c>%%</c> for a percent sign.</summary>
public static class EnvoyHeaderValue
{
    /// <summary>The text of a value without commands; null when it has any.</summary>
    public static string? Literal(string value)
    {
        var text = value.Replace("%%", "\0", StringComparison.Ordinal);
        return text.Contains('%') ? null : text.Replace('\0', '%');
    }
}
