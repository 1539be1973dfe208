using System.Text;
using System.Text.RegularExpressions;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>What the backend gets to see as path and host: rewrite-target, use-regex, upstream-vhost, x-forwarded-prefix; and app-root.</summary>
internal sealed record Rewriting
{
    /// <summary>What the path becomes, with <c>$1</c> to <c>$9</c> for captures.</summary>
    public string? Target { get; init; }

    public bool UseRegex { get; init; }

    /// <summary>The Host that the backend sees; null for the client's.</summary>
    public string? UpstreamHost { get; init; }

    /// <summary>Sent as X-Forwarded-Prefix where the path is rewritten.</summary>
    public string? ForwardedPrefix { get; init; }

    /// <summary>Where <c>/</c> is redirected to.</summary>
    public string? AppRoot { get; init; }

    /// <summary>Whether a target alone makes expressions of the paths.</summary>
    public bool RewritingImpliesRegex { get; init; } = true;

    public static Rewriting Parse(AnnotationReader reader, IngressNginxOptions options) => new()
    {
        RewritingImpliesRegex = !options.IsStrict(NginxQuirks.RewriteImpliesRegex),
        Target = ParseTarget(reader),
        UseRegex = reader.Boolean("use-regex"),
        UpstreamHost = ParseUpstreamHost(reader),
        ForwardedPrefix = ParseForwardedPrefix(reader),
        AppRoot = ParseAppRoot(reader),
    };

    /// <summary>Whether the path is rewritten: a target equal to the path changes nothing.</summary>
    public bool Rewrites(IngressPath path) => Target is not null && Target != path.Path;

    /// <summary>Whether this path turns its whole host into one of regular expressions.</summary>
    public bool WantsRegex(IngressPath path) => UseRegex || (Rewrites(path) && (RewritingImpliesRegex || path.IsImplementationSpecific));

    public IEnumerable<Filter> Filters(IngressPath path)
    {
        var rewrites = Rewrites(path);
        if (rewrites && ForwardedPrefix is { } prefix)
        {
            yield return new RequestHeaderFilter(new HeaderChanges { Set = [new HeaderValue("X-Forwarded-Prefix", prefix)] });
        }

        if (rewrites || UpstreamHost is not null)
        {
            yield return new RewriteFilter { Path = rewrites ? PathRewrite(WantsRegex(path) ? path.Path : Regex.Escape(path.Path)) : null, Host = UpstreamHost };
        }
    }

    /// <summary>The path is the pattern, without regard to case and unanchored; the whole path is replaced.</summary>
    private RegexRewrite PathRewrite(string pattern)
    {
        var groups = LocationRegex.Check(pattern).Groups;
        var substitution = new StringBuilder();
        for (var i = 0; i < Target!.Length; i++)
        {
            if (Target[i] != '$')
            {
                substitution.Append(Target[i]);
                continue;
            }

            // A capture that the pattern does not have is empty.
            var group = Target[++i] - '0';
            substitution.Append(group <= groups ? $"${{{group}}}" : "");
        }

        return new RegexRewrite(pattern, substitution.ToString()) { IgnoreCase = true, WholePath = true, Decoded = true };
    }

    private static string? ParseTarget(AnnotationReader reader)
    {
        if (reader.Text("rewrite-target") is not { } target)
        {
            return null;
        }

        if (target[0] is not ('/' or '$') || !target.All(character => IsPathCharacter(character) || character == '$'))
        {
            reader.UseDefault("rewrite-target", $"\"{target}\" is not a path; expected one such as /app/$1.");
            return null;
        }

        for (var i = target.IndexOf('$', StringComparison.Ordinal); i >= 0; i = target.IndexOf('$', i + 1))
        {
            if (i + 1 == target.Length || target[i + 1] is < '1' or > '9')
            {
                reader.UseDefault("rewrite-target", "Of the variables only the captures $1 to $9 are supported.");
                return null;
            }
        }

        return target;
    }

    private static string? ParseUpstreamHost(AnnotationReader reader)
    {
        var host = reader.Text("upstream-vhost");
        if (host is null or "$host" or "$http_host")
        {
            return null;
        }

        if (host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or ':' or '[' or ']'))
        {
            return host;
        }

        reader.UseDefault("upstream-vhost", $"\"{host}\" is not a host name.");
        return null;
    }

    private static string? ParseForwardedPrefix(AnnotationReader reader)
    {
        var prefix = reader.Text("x-forwarded-prefix");
        if (prefix is null || prefix.All(IsPathCharacter))
        {
            return prefix;
        }

        reader.UseDefault("x-forwarded-prefix", $"\"{prefix}\" is not a path; captures are not supported.");
        return null;
    }

    private static string? ParseAppRoot(AnnotationReader reader)
    {
        var root = reader.Text("app-root");
        if (root is null || (root[0] == '/' && root.All(IsPathCharacter)))
        {
            return root;
        }

        reader.UseDefault("app-root", $"\"{root}\" is not an absolute path.");
        return null;
    }

    /// <summary>What ingress-nginx admits in paths of annotations.</summary>
    private static bool IsPathCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '/' or '-' or '.' or '_' or '~' or ':';
}
