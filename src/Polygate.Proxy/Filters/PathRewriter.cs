using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>A <see cref="PathRewrite"/> made ready to run.</summary>
internal abstract class PathRewriter
{
    /// <summary>The new path of a request, not yet encoded; null leaves it.</summary>
    /// <param name="path">The path as it is.</param>
    /// <param name="stripped">What was stripped from it, otherwise null.</param>
    public abstract string? Rewrite(string path, out string? stripped);

    /// <summary>The request header that receives what was stripped; null for none.</summary>
    public string? RecordIn { get; private init; }

    public static PathRewriter Create(PathRewrite rewrite, ICollection<string> problems) => rewrite switch
    {
        ReplaceFullPath full => new Full(full.Path),
        ReplaceElementPrefix element => new Element(element),
        ReplaceTextPrefix text => new TextPrefix(text),
        StripPrefixes strip => new Strip(strip.Prefixes) { RecordIn = strip.RecordIn },
        AddPrefix add => new Add(add.Prefix),
        RegexRewrite { Decoded: true } regex => new DecodedPattern(regex, problems),
        RegexRewrite regex => new Pattern(regex, problems),
        JoinBasePath join => new Join(join, problems) { RecordIn = join.RecordIn },
        _ => throw new UnreachableException(),
    };

    /// <summary>Rewrites the path of a request in place.</summary>
    /// <param name="head">The request.</param>
    /// <param name="recordOriginalIn">The request header that receives the path as it was, when there is a new one; null for none.</param>
    public void Apply(RequestHead head, ReadOnlySpan<byte> recordOriginalIn = default)
    {
        if (TryApply(head, recordOriginalIn))
        {
            return;
        }

        var rewritten = Rewrite(TextOf(head), out var stripped);
        if (rewritten is not null)
        {
            if (!recordOriginalIn.IsEmpty)
            {
                head.Headers.Set(recordOriginalIn, head.Path);
            }

            SetPath(head, rewritten);
        }

        if (RecordIn is not null && stripped is { Length: > 0 })
        {
            head.Headers.Set(HeaderText.Name(RecordIn), HeaderText.Value(stripped));
        }
    }

    /// <summary>Does the same without making text of it, where that is possible; false where nothing was done.</summary>
    protected virtual bool TryApply(RequestHead head, ReadOnlySpan<byte> recordOriginalIn) => false;

    /// <summary>Whether a question mark in the new path begins parameters, put before those of the request.</summary>
    protected virtual bool MayAddParameters => false;

    /// <summary>The path of a request as <see cref="Rewrite"/> takes it.</summary>
    protected virtual string TextOf(RequestHead head) => Encoding.UTF8.GetString(head.Path);

    /// <summary>The new path as bytes, with everything escaped that may not stand in one.</summary>
    protected virtual byte[] Encode(string rewritten) => PathText.Encode(rewritten);

    private void SetPath(RequestHead head, string rewritten)
    {
        var question = MayAddParameters ? rewritten.IndexOf('?', StringComparison.Ordinal) : -1;
        if (question < 0)
        {
            head.SetPath(Encode(rewritten));
            return;
        }

        var parameters = PathText.EncodeQuery(rewritten[(question + 1)..]);
        head.SetPath(PathText.Encode(rewritten[..question]));
        head.SetQuery(head.Query.IsEmpty ? parameters : [.. parameters, (byte)'&', .. head.Query]);
        head.HasQuery = true;
    }

    private sealed class Full(string replacement) : PathRewriter
    {
        public override string? Rewrite(string path, out string? stripped)
        {
            stripped = null;
            return replacement;
        }
    }

    private sealed class Element(ReplaceElementPrefix rewrite) : PathRewriter
    {
        private readonly string prefix = rewrite.Prefix.TrimEnd('/');
        private readonly string replacement = rewrite.Replacement;

        public override string? Rewrite(string path, out string? stripped)
        {
            stripped = null;
            if (!path.StartsWith(prefix, StringComparison.Ordinal) || (path.Length > prefix.Length && path[prefix.Length] != '/'))
            {
                return null;
            }

            // Only what follows the slash between prefix and remainder is the remainder: "/foo/" is "/foo" and nothing.
            var remainder = path.Length > prefix.Length ? path[(prefix.Length + 1)..] : "";
            return remainder.Length == 0
                ? path.Length > prefix.Length && prefix.Length > 0 ? replacement.TrimEnd('/') + "/" : replacement
                : replacement.TrimEnd('/') + "/" + remainder;
        }
    }

    private sealed class TextPrefix(ReplaceTextPrefix rewrite) : PathRewriter
    {
        public override string? Rewrite(string path, out string? stripped)
        {
            stripped = null;
            return rewrite.Replacement + path[Math.Min(Math.Max(rewrite.Length, 0), path.Length)..];
        }
    }

    private sealed class Strip(ValueList<string> prefixes) : PathRewriter
    {
        public override string? Rewrite(string path, out string? stripped)
        {
            foreach (var prefix in prefixes)
            {
                if (path.StartsWith(prefix, StringComparison.Ordinal))
                {
                    stripped = prefix;
                    return path[prefix.Length..];
                }
            }

            stripped = null;
            return null;
        }
    }

    private sealed class Add(string prefix) : PathRewriter
    {
        public override string? Rewrite(string path, out string? stripped)
        {
            stripped = null;
            return prefix + path;
        }
    }

    private class Pattern : PathRewriter
    {
        private readonly RegexRewrite rewrite;
        private readonly Regex? regex;

        /// <summary>Null where the text has to be looked at with <see cref="regex"/>.</summary>
        private readonly PrefixPattern? simple;
        private readonly Substitution substitution;

        protected override bool MayAddParameters => true;

        public Pattern(RegexRewrite rewrite, ICollection<string> problems)
        {
            this.rewrite = rewrite;
            substitution = new Substitution(rewrite.Substitution);
            if (TextRegex.TryCreate(rewrite.Pattern, rewrite.IgnoreCase, out var compiled, out var problem))
            {
                regex = compiled.Regex;
                simple = rewrite.WholePath ? compiled.Simple : null;
            }
            else
            {
                problems.Add(problem);
            }
        }

        [SkipLocalsInit]
        protected override bool TryApply(RequestHead head, ReadOnlySpan<byte> recordOriginalIn)
        {
            const int Longest = 512;
            var path = rewrite.Decoded ? DecodedPath.Of(head.Path) : head.Path;
            if (simple is null || !PrefixPattern.Takes(path))
            {
                return false;
            }

            Span<Range> groups = stackalloc Range[PrefixPattern.MostGroups];
            if (!simple.TryMatch(path, groups))
            {
                return true;
            }

            Span<byte> target = stackalloc byte[Longest];
            if (!substitution.TryExpand(path, groups, target, out var length) || !PathText.IsPlain(target[..length]))
            {
                return false;
            }

            if (!recordOriginalIn.IsEmpty)
            {
                head.Headers.Set(recordOriginalIn, head.Path);
            }

            head.SetPath(target[..length]);
            return true;
        }

        public override string? Rewrite(string path, out string? stripped)
        {
            stripped = null;
            try
            {
                var first = regex!.Match(path);
                return !first.Success ? null
                    : rewrite.WholePath ? substitution.Expand(first)
                    : regex.Replace(path, substitution.Expand, rewrite.All ? -1 : 1);
            }
            catch (RegexMatchTimeoutException)
            {
                return null;
            }
        }
    }

    /// <summary>Works on decoded bytes, a character each, as a pattern without Unicode does.</summary>
    private sealed class DecodedPattern(RegexRewrite rewrite, ICollection<string> problems)
        : Pattern(rewrite with { Pattern = Bytes(rewrite.Pattern), Substitution = Bytes(rewrite.Substitution) }, problems)
    {
        protected override bool MayAddParameters => false;

        protected override string TextOf(RequestHead head) => Encoding.Latin1.GetString(DecodedPath.Of(head.Path));

        protected override byte[] Encode(string rewritten) => PathText.EncodeDecoded(Encoding.Latin1.GetBytes(rewritten));

        private static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Kong's path handling v0.</summary>
    private sealed class Join : PathRewriter
    {
        private readonly JoinBasePath rewrite;
        private readonly string basePath;
        private readonly Regex? pattern;

        public Join(JoinBasePath rewrite, ICollection<string> problems)
        {
            this.rewrite = rewrite;
            basePath = rewrite.BasePath.Length == 0 ? "/" : rewrite.BasePath;
            if (rewrite.StripPattern is { } text)
            {
                if (TextRegex.TryCreate($"^(?:{text})", ignoreCase: false, out var compiled, out var problem))
                {
                    pattern = compiled.Regex;
                }
                else
                {
                    problems.Add(problem);
                }
            }
        }

        public override string? Rewrite(string path, out string? stripped)
        {
            var length = Math.Min(StripLength(path), path.Length);
            if (length == 0)
            {
                stripped = null;
                return Keep(path);
            }

            stripped = path[..length];
            return Joined(path, WithoutLeadingDots(path[length..]));
        }

        private int StripLength(string path)
        {
            if (pattern is null)
            {
                return rewrite.StripLength;
            }

            try
            {
                return pattern.Match(path).Length;
            }
            catch (RegexMatchTimeoutException)
            {
                return 0;
            }
        }

        private string Keep(string path) =>
            path == "/" ? basePath
            : basePath.EndsWith('/') && path.StartsWith('/') ? basePath + path[1..]
            : basePath + path;

        private string Joined(string path, string postfix)
        {
            if (postfix.Length > 0)
            {
                return (basePath.EndsWith('/') ? basePath : basePath + "/") + (postfix.StartsWith('/') ? postfix[1..] : postfix);
            }

            if (basePath == "/")
            {
                return "/";
            }

            return !basePath.EndsWith('/') ? path != "/" && path.EndsWith('/') ? basePath + "/" : basePath
                : path.EndsWith('/') ? basePath
                : basePath[..^1];
        }

        // What is left after stripping must not climb above the base path.
        private static string WithoutLeadingDots(string postfix)
        {
            while (true)
            {
                if (postfix is "." or "..")
                {
                    return "";
                }

                var skip = postfix.StartsWith("./", StringComparison.Ordinal) ? 2 : postfix.StartsWith("../", StringComparison.Ordinal) ? 3 : 0;
                if (skip == 0)
                {
                    return postfix;
                }

                postfix = postfix[skip..];
            }
        }
    }
}
