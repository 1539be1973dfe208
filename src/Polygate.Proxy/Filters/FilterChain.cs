using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters;

/// <summary>
/// Filters in order, made ready to run. They nest like brackets: the request passes them in order until one answers,
/// the answer passes those that saw the request (the one that answered included) in reverse.
/// </summary>
public sealed class FilterChain
{
    private readonly FilterStep[] steps;

    private FilterChain(FilterStep[] steps, ChainExtras extras)
    {
        this.steps = steps;
        BodyLimit = extras.BodyLimit;
        Mirrors = extras.Mirrors;
        ErrorPages = extras.ErrorPages;
        Bandwidth = extras.Bandwidth;
        UsesOriginal = Array.Exists(steps, step => step.UsesOriginal) || Array.Exists(ErrorPages, page => page.UsesOriginal);
    }

    public static FilterChain Empty { get; } = new([], new ChainExtras());

    public bool IsEmpty => steps.Length == 0 && ErrorPages.Length == 0 && Bandwidth is null;

    /// <summary>
    /// The least limit on the request's body. A larger <c>Content-Length</c> is refused by the chain; bodies of unknown length
    /// are to be counted while they are forwarded. Null for none.
    /// </summary>
    public BodyLimit? BodyLimit { get; }

    /// <summary>How fast bodies of answers are sent; null for no limit.</summary>
    public BandwidthLimit? Bandwidth { get; }

    /// <summary>Who answers in the place of answers with certain statuses.</summary>
    internal ErrorPage[] ErrorPages { get; }

    /// <summary>Whether a filter speaks of the request's target as it came.</summary>
    internal bool UsesOriginal { get; }

    /// <summary>Where copies of the request go.</summary>
    public IReadOnlyList<MirrorTarget> Mirrors { get; }

    /// <summary>
    /// Passes the request through; the reply of the filter that answered it, or null to go on. Completes at once, and
    /// without allocating, unless a filter has to wait (password hashing, which happens off the loop).
    /// </summary>
    /// <param name="head">Changed by the filters.</param>
    /// <param name="state">Freshly begun.</param>
    public ValueTask<LocalReply?> ApplyToRequestAsync(RequestHead head, FilterState state)
    {
        while (state.Passed < steps.Length)
        {
            var step = steps[state.Passed++];
            if (step is AsyncFilterStep waiting)
            {
                var pending = waiting.OnRequestAsync(head, state);
                if (!pending.IsCompletedSuccessfully)
                {
                    return Resume(pending, head, state);
                }

                if (pending.Result is { } late)
                {
                    return new ValueTask<LocalReply?>(late);
                }
            }
            else if (step.OnRequest(head, state) is { } reply)
            {
                return new ValueTask<LocalReply?>(reply);
            }
        }

        return default;
    }

    /// <summary>Passes the answer back, whoever made it.</summary>
    /// <param name="head">The request, as the filters left it.</param>
    /// <param name="response">Changed by the filters.</param>
    /// <param name="state">As <see cref="ApplyToRequestAsync"/> left it.</param>
    public void ApplyToResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        for (var i = Math.Min(state.Passed, steps.Length) - 1; i >= 0; i--)
        {
            steps[i].OnResponse(head, response, state);
        }
    }

    internal static FilterChain Compile(ReadOnlySpan<Filter> filters, string id, RuntimeState state, ICollection<string> problems) =>
        filters.IsEmpty ? Empty : FilterCompiler.Compile(filters, id, state, problems);

    internal static FilterChain Create(FilterStep[] steps, ChainExtras extras) => new(steps, extras);

    private async ValueTask<LocalReply?> Resume(ValueTask<LocalReply?> pending, RequestHead head, FilterState state) =>
        await pending ?? await ApplyToRequestAsync(head, state);
}

/// <summary>What of a chain is no step: it is looked at elsewhere than between match and answer.</summary>
internal sealed record ChainExtras
{
    public BodyLimit? BodyLimit { get; init; }

    public MirrorTarget[] Mirrors { get; init; } = [];

    public ErrorPage[] ErrorPages { get; init; } = [];

    public BandwidthLimit? Bandwidth { get; init; }
}

/// <summary>The most a request's body may have.</summary>
/// <param name="MaximumBytes">1 or more.</param>
/// <param name="Refusal">The answer to a larger one.</param>
public sealed record BodyLimit(long MaximumBytes, LocalReply Refusal);

/// <summary>A backend that gets copies of requests.</summary>
/// <param name="Cluster">The backend.</param>
/// <param name="Share">The share of requests, 0 to 1; drawn for each.</param>
public sealed record MirrorTarget(UpstreamCluster Cluster, double Share);
