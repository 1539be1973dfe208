using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>Sends copies of requests and throws the answers away. What becomes of a copy concerns nobody.</summary>
internal sealed class MirrorSender(UpstreamConnections connections)
{
    /// <summary>Bytes of an answer that nobody wants: more are not worth a connection that could be used again.</summary>
    private const int LongestAnswer = 1024 * 1024;

    private static readonly HeaderTable NoTrailers = new();

    /// <summary>Starts sending a copy; everything given may be reused at once.</summary>
    public void Send(RequestHead request, UpstreamCluster cluster, ReadOnlyMemory<byte> body)
    {
        if (cluster.Backend is not { } backend || cluster.Pick(request) is not { } endpoint)
            return;

        var copy = new RequestHead { HasQuery = request.HasQuery };
        copy.SetMethod(request.Method);
        copy.SetPath(request.Path);
        copy.SetQuery(request.Query);
        copy.SetAuthority(request.Authority);
        copy.Headers.Append(request.Headers);
        _ = SendAsync(copy, backend, cluster, endpoint, body.ToArray());
    }

    private async Task SendAsync(RequestHead request, Backend backend, UpstreamCluster cluster, UpstreamEndpoint endpoint, byte[] body)
    {
        endpoint.RequestStarted();
        UpstreamExchange? upstream = null;
        try
        {
            upstream = await connections.OpenAsync(cluster, endpoint, backend, backend.Protocol, fresh: false);
            upstream.IdleTimeout = connections.Options.IdleTimeout;
            upstream.StartRequest(request, AuthorityOf(request, backend, endpoint), body.Length, default);
            await upstream.CompleteRequestAsync(body, NoTrailers);
            await DiscardAnswerAsync(upstream);
        }
        catch (IOException)
        {
            upstream?.Abort();
        }
        finally
        {
            upstream?.Release();
            endpoint.RequestEnded();
        }
    }

    private static ReadOnlySpan<byte> AuthorityOf(RequestHead request, Backend backend, UpstreamEndpoint endpoint) =>
        backend.UseEndpointHost || request.Authority.IsEmpty ? endpoint.HostHeader.Span : request.Authority;

    /// <summary>Reads the answer, so that the connection can be used again; one that is too long for that is cut.</summary>
    private static async ValueTask DiscardAnswerAsync(UpstreamExchange upstream)
    {
        var response = new ResponseHead();
        do
        {
            await upstream.ReadHeadAsync(response, new HeaderTable());
        }
        while (response.Status < 200);

        for (var left = LongestAnswer; !upstream.IsResponseComplete;)
        {
            var slice = await upstream.ReadResponseAsync();
            if (slice.IsEmpty)
                return;

            left -= slice.Length;
            if (left < 0)
            {
                upstream.Abort();
                return;
            }
        }
    }
}
