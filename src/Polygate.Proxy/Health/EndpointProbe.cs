using System.Net;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Grpc;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Health;

/// <summary>The active check of one endpoint, again and again, on one loop.</summary>
internal sealed class EndpointProbe
{
    /// <summary>Of an answer's body as much is read, so that its connection can serve the next check.</summary>
    private const int LongestAnswer = 64 * 1024;

    private readonly UpstreamConnections connections;
    private readonly Subrequests subrequests;
    private readonly Backend backend;
    private readonly HealthCheck check;
    private readonly UpstreamEndpoint endpoint;

    // What is checked stands apart from what serves: another port perhaps, and no limits, ejections or counts of its own.
    private readonly UpstreamCluster checkedCluster;
    private readonly UpstreamEndpoint checkedEndpoint;
    private readonly RequestHead head = new();
    private readonly byte[] body;
    private volatile bool isStopped;
    private int successes;
    private int failures;

    public EndpointProbe(UpstreamConnections connections, Backend backend, UpstreamEndpoint endpoint)
    {
        this.connections = connections;
        this.backend = backend;
        this.endpoint = endpoint;
        check = backend.HealthCheck!;
        subrequests = new Subrequests(connections);
        var address = new IPEndPoint(endpoint.Address.Address, check.Port ?? endpoint.Address.Port);
        checkedEndpoint = new UpstreamEndpoint("check/" + backend.Id, endpoint.Host, address);
        checkedCluster = new UpstreamCluster("check/" + backend.Id);
        checkedCluster.Update(new ClusterSnapshot(Plain(backend, check), [checkedEndpoint], [new EndpointShare(checkedEndpoint, 1)]));
        body = Prepare();
    }

    /// <summary>Whether nothing that matters here has changed.</summary>
    public bool IsFor(Backend other) => other.HealthCheck == check && other.Tls == backend.Tls && other.Protocol == backend.Protocol;

    public void Stop()
    {
        isStopped = true;
        checkedEndpoint.IsRetired = true;
    }

    /// <summary>On the loop.</summary>
    public async Task RunAsync()
    {
        while (!isStopped)
        {
            var isWell = await CheckAsync();
            if (isStopped)
                return;

            if (isWell is { } verdict)
                Judge(verdict, Environment.TickCount64);

            var interval = endpoint.IsHealthy ? check.Interval : check.UnhealthyInterval ?? check.Interval;
            await connections.Loop.DelayAsync(interval * (1 + (Math.Clamp(check.Jitter, 0, 1) * Random.Shared.NextDouble())));
        }
    }

    /// <summary>Takes a result into account.</summary>
    internal void Judge(bool isWell, long now)
    {
        successes = isWell ? successes + 1 : 0;
        failures = isWell ? 0 : failures + 1;
        if (!isWell)
        {
            if (check.UnhealthyThreshold > 0 && failures >= check.UnhealthyThreshold)
                endpoint.SetHealthy(false, now);

            return;
        }

        if (successes < Math.Max(1, check.HealthyThreshold))
            return;

        endpoint.SetHealthy(true, now);
        if (endpoint.EjectedUntil == long.MaxValue)
        {
            endpoint.Failures.Reset();
            endpoint.EndEjection();
        }
    }

    private static Backend Plain(Backend backend, HealthCheck check) => new("check/" + backend.Id, backend.Endpoints)
    {
        Protocol = (check as HttpHealthCheck)?.Protocol ?? backend.Protocol,
        Tls = check.Tls switch
        {
            false => null,
            true => backend.Tls ?? new BackendTls { SkipVerification = true },
            null => backend.Tls,
        },
        ConnectTimeout = check.Timeout,
    };

    /// <summary>Fills the request's head; the body it goes with.</summary>
    private byte[] Prepare()
    {
        switch (check)
        {
            case HttpHealthCheck http:
                var target = RequestTargetText.Clean(Encoding.UTF8.GetBytes(http.Path));
                var mark = target.AsSpan().IndexOf((byte)'?');
                head.SetMethod(Encoding.ASCII.GetBytes(http.Method));
                head.SetPath(mark < 0 ? target : target.AsSpan(0, mark));
                head.HasQuery = mark >= 0;
                head.SetQuery(mark < 0 ? default : target.AsSpan(mark + 1));
                head.SetAuthority(http.Host is null ? default : HeaderText.Value(http.Host));
                head.Headers.Add("User-Agent"u8, "polygate-health-check"u8);
                foreach (var header in http.Headers)
                    head.Headers.Set(HeaderText.Name(header.Name), HeaderText.Value(header.Value));

                return [];
            case GrpcHealthCheck grpc:
                UnaryCall.Start(head, "/grpc.health.v1.Health/Check"u8, grpc.Host is null ? default : HeaderText.Value(grpc.Host), check.Timeout);
                var message = new ProtobufWriter();
                message.Text(1, grpc.Service);
                return UnaryCall.Frame(message.Written);
            default:
                return [];
        }
    }

    /// <summary>Whether the endpoint is well; null when the answer says nothing about it.</summary>
    private async ValueTask<bool?> CheckAsync()
    {
        if (check is TcpHealthCheck)
            return await ConnectAsync();

        var protocol = check is GrpcHealthCheck ? BackendProtocol.Http2 : (BackendProtocol?)null;
        var answer = await subrequests.SendAsync(checkedCluster, head, body, new SubrequestLimits(check.Timeout, LongestAnswer, protocol, Attempts: 1));
        if (answer.Failure is not null)
        {
            endpoint.CheckProblem = answer.Failure;
            return false;
        }

        var isWell = check is HttpHealthCheck http ? Judge(http, answer.Head.Status) : IsServing(answer);
        endpoint.CheckProblem = isWell == true ? null : check is HttpHealthCheck ? $"status {answer.Head.Status}" : "not serving";
        return isWell;
    }

    private async ValueTask<bool> ConnectAsync()
    {
        try
        {
            (await connections.ConnectAsync(checkedCluster, checkedEndpoint, check.Timeout)).Dispose();
            endpoint.CheckProblem = null;
            return true;
        }
        catch (ChannelException exception)
        {
            endpoint.CheckProblem = exception.Error == ChannelError.TimedOut ? "timed out" : "connect failed";
            return false;
        }
    }

    private static bool? Judge(HttpHealthCheck http, int status)
    {
        var isExpected = http.ExpectedStatuses.IsEmpty ? status is >= 200 and < 400 : http.ExpectedStatuses.AsSpan().Contains(status);
        return isExpected ? true : http.UnhealthyStatuses.IsEmpty || http.UnhealthyStatuses.AsSpan().Contains(status) ? false : null;
    }

    /// <summary>The message's first field is the status, and 1 is <c>SERVING</c>.</summary>
    private static bool IsServing(SubrequestAnswer answer)
    {
        if (!UnaryCall.TryRead(answer, out var message))
            return false;

        var reader = new ProtobufReader(message);
        return reader.Next() && reader is { Field: 1, Number: 1 };
    }
}
