using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>
/// Lets a request pass that one of several filters lets pass. When all refuse, the refusal that asks for credentials counts: the client can do
/// something about that one.
/// </summary>
internal sealed class AnyOfStep(FilterStep[] steps) : AsyncFilterStep
{
    private const int Unauthorized = 401;

    public override bool UsesOriginal => Array.Exists(steps, step => step.UsesOriginal);

    public override async ValueTask<LocalReply?> OnRequestAsync(RequestHead head, FilterState state)
    {
        LocalReply? refusal = null;
        foreach (var step in steps)
        {
            var reply = step is AsyncFilterStep waiting ? await waiting.OnRequestAsync(head, state) : step.OnRequest(head, state);
            if (reply is null)
                return null;

            if (refusal?.Status != Unauthorized || reply.Status == Unauthorized)
                refusal = reply;
        }

        return refusal;
    }

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        foreach (var step in steps)
            step.OnResponse(head, response, state);
    }
}
