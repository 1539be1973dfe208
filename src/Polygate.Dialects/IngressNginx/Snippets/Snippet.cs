using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Snippets;

/// <summary>
/// What a snippet asks for, as typed values: the subset that can be served. nginx's order of phases holds: what answers or
/// rewrites goes before access, headers last.
/// </summary>
internal sealed record Snippet
{
    public static Snippet Empty { get; } = new();

    /// <summary>What answers in place of the backend, in order: each where its conditions hold. The last without conditions answers everything.</summary>
    public ValueList<SnippetAnswer> Answers { get; init; }

    /// <summary>What the backend sees as path (<c>rewrite … break</c>); null for none.</summary>
    public RewriteFilter? Rewrite { get; init; }

    /// <summary><c>allow</c> and <c>deny</c>; null for none.</summary>
    public AddressAccessFilter? Addresses { get; init; }

    /// <summary>Headers of the request that are written (<c>proxy_set_header</c>, <c>more_set_input_headers</c>).</summary>
    public ValueList<HeaderTemplate> RequestHeaders { get; init; }

    /// <summary>Headers of the answer (<c>add_header</c>, <c>more_set_headers</c>, <c>more_clear_headers</c>, <c>proxy_hide_header</c>).</summary>
    public HeaderChanges ResponseHeaders { get; init; } = new();

    /// <summary><c>client_max_body_size</c>; null for none, 0 for no limit.</summary>
    public long? MaximumBody { get; init; }

    /// <summary><c>proxy_read_timeout</c>; null for none.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary><c>proxy_connect_timeout</c>; null for none.</summary>
    public TimeSpan? ConnectTimeout { get; init; }
}

/// <summary>An answer of a snippet.</summary>
/// <param name="Conditions">All must hold.</param>
/// <param name="Action">The answer.</param>
internal sealed record SnippetAnswer(ValueList<MatchCondition> Conditions, RouteAction Action);
