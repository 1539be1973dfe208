using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Forwarding;

/// <summary>Answers with what an error backend says in place of the first answer.</summary>
internal static class ErrorPageSender
{
    private const int LargestPage = 1024 * 1024;

    /// <summary>The page for an answer of this status; null when it is sent as it is.</summary>
    public static ErrorPage? PageFor(HttpExchange exchange, int status, bool isBackendAnswer)
    {
        if (exchange.State is not { Route.Filters.ErrorPages: { Length: > 0 } pages } state || state.IsErrorPage || state.RouteFilters.Subrequests is null)
            return null;

        // No lambda: it would be made for every request, those without pages included.
        foreach (var page in pages)
        {
            if (page.Replaces(status, isBackendAnswer))
                return page;
        }

        return null;
    }

    /// <summary>Sends the page; when it cannot be had, an answer of the gateway with the first status.</summary>
    public static async ValueTask SendAsync(HttpExchange exchange, ErrorPage page, int status)
    {
        var state = exchange.State;
        state.IsErrorPage = true;
        var question = page.Ask(exchange.Request, state.RouteFilters, status);
        var answer = await state.RouteFilters.Subrequests!.SendAsync(page.Cluster, question, default, new SubrequestLimits(page.Timeout, LargestPage));
        if (answer.Failure is not null || answer.IsTruncated)
        {
            await GatewayReplies.SendAsync(exchange, GatewayReplies.For(Math.Clamp(status, 400, 599)));
            return;
        }

        exchange.Response.Clear();
        exchange.ResponseTrailers.Clear();
        exchange.Response.Status = page.StatusFor(status, answer.Head.Status);
        exchange.Response.Headers.Append(answer.Head.Headers);
        exchange.Response.Headers.RemoveAll(KnownHeaders.HopByHop);
        GatewayReplies.ApplyFilters(exchange);
        exchange.StartResponse(answer.Body.Length);
        await exchange.CompleteResponseAsync(answer.Body);
    }
}
