using System.Collections.Concurrent;
using System.Net;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// Says once that the API server does not answer, and once that it does again; and of each kind once that it may not be read. Safe to use from
/// several threads.
/// </summary>
internal sealed class ConnectionReport
{
    private readonly Action<DiagnosticSeverity, string> write;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, bool> refused = new();
    private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? awaySince;

    public ConnectionReport(Action<DiagnosticSeverity, string> write, TimeProvider time)
    {
        this.write = write;
        this.time = time;
    }

    /// <summary>Completes when the server did not answer for the first time.</summary>
    public Task FirstFailure => failed.Task;

    /// <summary>Whether the server answers, as far as is known.</summary>
    public bool IsAvailable
    {
        get
        {
            lock (gate)
            {
                return awaySince is null;
            }
        }
    }

    public void Take(ReflectorEvent news)
    {
        var scope = news.Reflector.Scope.ToString();
        if (news.Problem is null)
        {
            Succeeded();
            if (refused.TryRemove(scope, out _))
            {
                write(DiagnosticSeverity.Info, $"{scope} can be read again.");
            }
        }
        else if (news.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized or HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
        {
            if (refused.TryAdd(scope, true))
            {
                write(DiagnosticSeverity.Warning, $"{scope} cannot be read: {news.Problem}");
            }
        }
        else
        {
            Failed(news.Problem);
        }
    }

    public void Failed(string problem)
    {
        failed.TrySetResult();
        lock (gate)
        {
            if (awaySince is not null)
            {
                return;
            }

            awaySince = time.GetTimestamp();
        }

        write(DiagnosticSeverity.Warning, $"The API server does not answer as it should; what is served stays: {problem}");
    }

    public void Succeeded()
    {
        TimeSpan away;
        lock (gate)
        {
            if (awaySince is not { } since)
            {
                return;
            }

            away = time.GetElapsedTime(since);
            awaySince = null;
        }

        write(DiagnosticSeverity.Info, $"The API server answers again after {away.TotalSeconds:0.0} s.");
    }
}
