using System.Collections.Concurrent;
using System.Net;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// Says once that the API server does not answer, and once that it does again; and of each kind once that it may not be read, or is not served yet.
/// Safe to use from several threads.
/// </summary>
internal sealed class ConnectionReport
{
    /// <summary>How long a kind may be unready before that is no longer usual.</summary>
    private static readonly TimeSpan UsualUnreadiness = TimeSpan.FromMinutes(1);

    private readonly Action<DiagnosticSeverity, string> write;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, bool> refused = new();
    private readonly Dictionary<string, Unreadiness> unready = [];
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
            var wasRefused = refused.TryRemove(scope, out _);
            if (EndUnreadiness(scope))
            {
                write(DiagnosticSeverity.Info, $"{scope} is served now.");
            }
            else if (wasRefused)
            {
                write(DiagnosticSeverity.Info, $"{scope} can be read again.");
            }
        }
        else if (news.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized or HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
        {
            EndUnreadiness(scope);
            if (refused.TryAdd(scope, true))
            {
                write(DiagnosticSeverity.Warning, $"{scope} cannot be read: {news.Problem}");
            }
        }
        else if (news.IsUnready)
        {
            Unready(scope);
        }
        else
        {
            Failed(news.Problem);
        }
    }

    /// <summary>The server works, but for this kind. That none is ready yet just after its start is part of its return.</summary>
    private void Unready(string scope)
    {
        failed.TrySetResult();
        lock (gate)
        {
            if (awaySince is not null)
            {
                return;
            }

            if (!unready.TryGetValue(scope, out var known))
            {
                unready.Add(scope, new Unreadiness(time.GetTimestamp(), IsWarned: false));
                write(DiagnosticSeverity.Info, $"{scope} is not served yet by the API server, which prepares its storage; what is known of it stays.");
            }
            else if (!known.IsWarned && time.GetElapsedTime(known.Since) is var elapsed && elapsed > UsualUnreadiness)
            {
                unready[scope] = known with { IsWarned = true };
                write(DiagnosticSeverity.Warning, $"{scope} is still not served by the API server after {elapsed.TotalSeconds:0} s; what is known of it stays.");
            }
        }
    }

    private bool EndUnreadiness(string scope)
    {
        lock (gate)
        {
            return unready.Remove(scope);
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

    /// <summary>A kind that is not served yet.</summary>
    private sealed record Unreadiness(long Since, bool IsWarned);
}
