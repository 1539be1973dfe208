using System.Globalization;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Cross-origin resource sharing (Fetch standard, section 3.2 "CORS protocol").</summary>
internal sealed class CorsStep : FilterStep
{
    private const string Wildcard = "*";
    private readonly CorsFilter filter;
    private readonly TextRegex[] patterns;
    private readonly bool anyOrigin;

    // Whether "*" must be answered by what was asked for: browsers do not take it for a wildcard with credentials.
    private readonly bool echo;

    /// <summary>What answers to allowed origins tell besides the origin.</summary>
    private readonly HeaderTable told = new();

    /// <summary>The same, to be added as a whole.</summary>
    private readonly HeaderTable.PreparedFields prepared;

    public CorsStep(CorsFilter filter, ICollection<string> problems)
    {
        this.filter = filter;
        anyOrigin = filter.AllowOrigins.Contains(Wildcard);
        echo = filter.AllowCredentials && filter.EchoWithCredentials;
        var exposed = echo ? filter.ExposeHeaders.Where(name => name != Wildcard).ToValueList() : filter.ExposeHeaders;
        if (filter.AllowCredentials)
        {
            told.Set("access-control-allow-credentials"u8, "true"u8);
        }

        if (!exposed.IsEmpty)
        {
            told.Set("access-control-expose-headers"u8, HeaderText.Value(string.Join(", ", exposed)));
        }

        var compiled = new List<TextRegex>();
        foreach (var pattern in filter.AllowOriginPatterns)
        {
            if (TextRegex.TryCreate(pattern, ignoreCase: false, out var regex, out var problem))
            {
                compiled.Add(regex);
            }
            else
            {
                problems.Add(problem);
            }
        }

        patterns = [.. compiled];
        foreach (var header in filter.TellEveryAnswer ? PreflightHeaders([], []) : [])
        {
            told.Set(HeaderText.Name(header.Name), HeaderText.Value(header.Value));
        }

        prepared = told.Prepare(0);
    }

    private bool IsLiteralWildcard => anyOrigin && !echo;

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        if (head.Headers.TryGet("origin"u8, out var origin))
        {
            state.SetOrigin(origin);
        }
        else if (!filter.EveryOptionsIsPreflight)
        {
            return null;
        }

        if (!head.Method.SequenceEqual("OPTIONS"u8)
            || (!head.Headers.TryGet("access-control-request-method"u8, out var method) && !filter.EveryOptionsIsPreflight))
        {
            return null;
        }

        if (IsAllowed(origin))
        {
            return AnswerPreflight(head, method);
        }

        return filter.AnswerForbiddenPreflight ? LocalReply.Of(filter.PreflightStatus) : null;
    }

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        var headers = response.Headers;
        if (!IsLiteralWildcard)
        {
            AddVary(headers);
        }

        if (state.Origin.IsEmpty ? !filter.TellEveryAnswer || !IsLiteralWildcard : !IsAllowed(state.Origin))
        {
            return;
        }

        var allowed = IsLiteralWildcard ? "*"u8 : state.Origin;
        if (!TellsAnything(headers))
        {
            headers.Add("access-control-allow-origin"u8, allowed);
            headers.Append(prepared);
            return;
        }

        headers.Set("access-control-allow-origin"u8, allowed);
        for (var i = 0; i < told.Count; i++)
        {
            headers.Set(told.Name(i), told.Value(i));
        }
    }

    /// <summary>Whether the backend answers to origins itself.</summary>
    private static bool TellsAnything(HeaderTable headers)
    {
        var prefix = "access-control-"u8;
        for (var i = 0; i < headers.Count; i++)
        {
            var name = headers.Name(i);
            if (name.Length > prefix.Length && AsciiText.EqualsIgnoreCase(name[..prefix.Length], prefix))
            {
                return true;
            }
        }

        return false;
    }

    private LocalReply AnswerPreflight(RequestHead head, ReadOnlySpan<byte> method)
    {
        head.Headers.TryGet("access-control-request-headers"u8, out var requested);
        return LocalReply.Of(filter.PreflightStatus, "", [.. PreflightHeaders(method, requested)]);
    }

    private List<HeaderValue> PreflightHeaders(ReadOnlySpan<byte> method, ReadOnlySpan<byte> requested)
    {
        var headers = new List<HeaderValue>();
        Add(headers, "Access-Control-Allow-Methods", filter.AllowMethods, method);
        Add(headers, "Access-Control-Allow-Headers", filter.AllowHeaders, requested);
        if (filter.MaxAge is { } maxAge)
        {
            headers.Add(new HeaderValue("Access-Control-Max-Age", maxAge.ToString(CultureInfo.InvariantCulture)));
        }

        return headers;
    }

    private void Add(List<HeaderValue> headers, string name, ValueList<string> allowed, ReadOnlySpan<byte> requested)
    {
        var value = echo && allowed.Contains(Wildcard) ? Encoding.UTF8.GetString(requested) : string.Join(", ", allowed);
        if (value.Length > 0)
        {
            headers.Add(new HeaderValue(name, value));
        }
    }

    private bool IsAllowed(ReadOnlySpan<byte> origin)
    {
        if (anyOrigin)
        {
            return true;
        }

        foreach (var allowed in filter.AllowOrigins)
        {
            if (Fits(allowed, origin))
            {
                return true;
            }
        }

        foreach (var pattern in patterns)
        {
            if (pattern.Finds(origin))
            {
                return true;
            }
        }

        return false;
    }

    // The asterisk stands for one character or more, dots and a port included.
    private static bool Fits(string allowed, ReadOnlySpan<byte> origin)
    {
        var asterisk = allowed.IndexOf('*', StringComparison.Ordinal);
        return asterisk < 0
            ? Ascii.Equals(origin, allowed)
            : origin.Length >= allowed.Length
                && Ascii.Equals(origin[..asterisk], allowed.AsSpan(0, asterisk))
                && Ascii.Equals(origin[^(allowed.Length - asterisk - 1)..], allowed.AsSpan(asterisk + 1));
    }

    private static void AddVary(HeaderTable headers)
    {
        for (var line = headers.IndexOf("vary"u8); line >= 0; line = headers.IndexOf("vary"u8, line + 1))
        {
            foreach (var part in headers.Value(line).Split((byte)','))
            {
                var name = headers.Value(line)[part].Trim(" \t"u8);
                if (name.SequenceEqual("*"u8) || AsciiText.EqualsIgnoreCase(name, "origin"u8))
                {
                    return;
                }
            }
        }

        headers.Add("vary"u8, "Origin"u8);
    }
}
