using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Forwarding;

/// <summary>The answers of the gateway itself, one for each status.</summary>
internal static class GatewayReplies
{
    private static readonly LocalReply?[] Replies = new LocalReply?[600];

    /// <summary>The answer for a status from 400 to 599 (made when first needed).</summary>
    public static LocalReply For(int status) => Replies[status] ??= LocalReply.Of(status, Text(status) + "\n");

    /// <summary>Sends an answer of the gateway, with the route's filters for answers applied. A gRPC call gets a failure as a gRPC status.</summary>
    public static ValueTask SendAsync(HttpExchange exchange, LocalReply reply)
    {
        exchange.State.IsBackendAnswer = false;
        if (ErrorPageSender.PageFor(exchange, reply.Status, isBackendAnswer: false) is { } page)
            return ErrorPageSender.SendAsync(exchange, page, reply.Status);

        exchange.Response.Clear();
        exchange.ResponseTrailers.Clear();
        reply.WriteTo(exchange.Response);
        exchange.Response.Headers.Set("Server"u8, "polygate"u8);
        ReadOnlyMemory<byte> body = reply.Body;
        if (reply.Status >= 400 && GrpcMessages.IsCall(exchange.Request.Headers))
        {
            GrpcMessages.Translate(exchange.Response);
            body = default;
        }

        ApplyFilters(exchange);
        exchange.StartResponse(body.Length);
        return exchange.CompleteResponseAsync(body);
    }

    /// <summary>Passes the answer through the filters that saw the request, the chosen backend's first.</summary>
    public static void ApplyFilters(HttpExchange exchange)
    {
        var state = exchange.State;
        exchange.Loop.Holder = state.Route?.Route.Id;
        if (state.Target is { Filters.IsEmpty: false } target)
            target.Filters.ApplyToResponse(exchange.Request, exchange.Response, state.BackendFilters);

        if (state.Route is { Filters.IsEmpty: false } route)
            route.Filters.ApplyToResponse(exchange.Request, exchange.Response, state.RouteFilters);
    }

    private static string Text(int status) => status switch
    {
        400 => "400 bad request",
        404 => "404 no route",
        408 => "408 request timeout",
        413 => "413 content too large",
        414 => "414 URI too long",
        417 => "417 expectation failed",
        421 => "421 misdirected request",
        431 => "431 header fields too large",
        500 => "500 internal error",
        501 => "501 not implemented",
        502 => "502 bad gateway",
        503 => "503 service unavailable",
        504 => "504 gateway timeout",
        505 => "505 HTTP version not supported",
        _ => status.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
