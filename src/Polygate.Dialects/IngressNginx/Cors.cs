using System.Text.RegularExpressions;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// CORS as ingress-nginx answers it: <c>*</c> is sent literally even with credentials, every answer carries all headers, every
/// <c>OPTIONS</c> of an allowed origin is answered 204, one of another origin goes to the backend.
/// </summary>
internal static partial class Cors
{
    /// <summary>The filter, or null when CORS is not enabled.</summary>
    public static CorsFilter? Parse(AnnotationReader reader, IngressNginxOptions options)
    {
        if (!reader.Boolean("enable-cors"))
        {
            return null;
        }

        var origins = Origins(reader);
        return new CorsFilter
        {
            AllowOrigins = origins.Where(origin => origin == "*").ToValueList(),
            AllowOriginPatterns = origins.Where(origin => origin != "*").Select(Pattern).ToValueList(),
            AllowMethods = Words(reader, "cors-allow-methods"),
            AllowHeaders = Words(reader, "cors-allow-headers"),
            ExposeHeaders = Words(reader, "cors-expose-headers"),
            AllowCredentials = reader.Boolean("cors-allow-credentials") && !(origins.Contains("*") && options.IsStrict(NginxQuirks.CorsCredentials)),
            MaxAge = (int)reader.Seconds("cors-max-age").TotalSeconds,
            PreflightStatus = 204,
            AnswerForbiddenPreflight = false,
            EchoWithCredentials = false,
            EveryOptionsIsPreflight = true,
            TellEveryAnswer = true,
        };
    }

    private static List<string> Origins(AnnotationReader reader)
    {
        var valid = new List<string>();
        foreach (var origin in reader.List("cors-allow-origin"))
        {
            if (OriginPattern().IsMatch(origin))
            {
                valid.Add(origin);
            }
            else
            {
                reader.UseDefault("cors-allow-origin", $"\"{origin}\" is not an origin such as https://www.example.com or https://*.example.com.");
            }
        }

        return valid.Count == 0 || valid.Contains("*") ? ["*"] : valid;
    }

    private static ValueList<string> Words(AnnotationReader reader, string name)
    {
        var standard = AnnotationTable.Find(name)!.Default.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var words = reader.List(name);
        if (words.Count == 0)
        {
            return standard.ToValueList();
        }

        if (words.FirstOrDefault(word => !TokenPattern().IsMatch(word)) is not { } malformed)
        {
            return words;
        }

        reader.UseDefault(name, $"\"{malformed}\" is not a method or header name.");
        return standard.ToValueList();
    }

    /// <summary>Compared without case; a wildcard stands for one label.</summary>
    private static string Pattern(string origin) =>
        "(?i)^" + Regex.Escape(origin).Replace(@"\*", "[A-Za-z0-9-]+", StringComparison.Ordinal) + "$";

    [GeneratedRegex(@"^(\*|null|[A-Za-z][A-Za-z0-9+.-]*://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex OriginPattern();

    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex TokenPattern();
}
