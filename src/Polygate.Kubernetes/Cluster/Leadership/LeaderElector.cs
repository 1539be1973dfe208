using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Leadership;

/// <summary>How a leader is elected; the defaults are those of Kubernetes' own components.</summary>
/// <param name="Namespace">Where the Lease is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Identity">This replica's, unique among all.</param>
public sealed record LeaderSettings(string Namespace, string Name, string Identity)
{
    /// <summary>After how long without renewal others may take over.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After how long without renewal the leader itself stops. Less than <see cref="Duration"/>, as clocks differ in speed.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is renewed, or tried for.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Elects one of several replicas with a Lease (<c>coordination.k8s.io/v1</c>). Another's term is over when its renewal was not seen to
/// change for the Lease's duration, by the local clock: clocks of two machines are never compared.
/// </summary>
public sealed class LeaderElector : ILeadership, IDisposable
{
    private readonly ApiClient api;
    private readonly LeaderSettings settings;
    private readonly Action<bool> changed;
    private readonly Action<DiagnosticSeverity, string> report;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private CancellationTokenSource term = new();
    private long renewedAt;
    private bool isHeld;
    private string observed = "";
    private long observedAt;
    private TimeSpan observedDuration;
    private string lastProblem = "";

    /// <param name="api">The server.</param>
    /// <param name="settings">How.</param>
    /// <param name="changed">Hears of becoming the leader (true) and of not being it any more.</param>
    /// <param name="report">Hears what is worth a log line.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public LeaderElector(ApiClient api, LeaderSettings settings, Action<bool> changed, Action<DiagnosticSeverity, string> report, TimeProvider? time = null)
    {
        this.api = api;
        this.settings = settings;
        this.changed = changed;
        this.report = report;
        this.time = time ?? TimeProvider.System;
        term.Cancel();
    }

    public bool IsLeader
    {
        get
        {
            lock (gate)
            {
                return isHeld && time.GetElapsedTime(renewedAt) < settings.RenewDeadline;
            }
        }
    }

    public CancellationToken Lost
    {
        get
        {
            lock (gate)
            {
                return term.Token;
            }
        }
    }

    /// <summary>Runs until cancelled, and then gives the Lease back.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await TryAsync(cancellation).ConfigureAwait(false);
                await Task.Delay(NextWait(), time, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            await ReleaseAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => term.Dispose();

    private string Collection => ApiPath.Collection("coordination.k8s.io", "v1", "leases", settings.Namespace);

    private async Task TryAsync(CancellationToken cancellation)
    {
        // What the leader holds counts from before it asked.
        var asked = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(settings.RenewDeadline / 2);
        try
        {
            if (await AcquireAsync(limit.Token).ConfigureAwait(false))
            {
                Hold(asked);
                lastProblem = "";
                return;
            }

            End("Another replica is the leader.");
        }
        catch (Exception exception) when (exception is ApiException or HttpRequestException or IOException or TimeoutException or JsonException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            if (!IsLeader)
            {
                var problem = exception is OperationCanceledException ? "The API server did not answer in time." : exception.Message;
                End(problem);
                Tell(problem);
            }
        }
    }

    /// <summary>A leader that is gone is followed when its term is over, not a period later.</summary>
    private TimeSpan NextWait()
    {
        var usual = settings.RetryPeriod * (0.9 + (0.2 * Random.Shared.NextDouble()));
        var left = observedDuration - time.GetElapsedTime(observedAt);
        return left > TimeSpan.Zero && left < usual ? left : usual;
    }

    private void Tell(string problem)
    {
        if (problem != lastProblem)
        {
            lastProblem = problem;
            report(DiagnosticSeverity.Warning, $"No leader can be elected, so that this replica writes no status: {problem}");
        }
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellation)
    {
        JsonObject lease;
        try
        {
            var read = await api.ReadAsync(HttpMethod.Get, $"{Collection}/{settings.Name}", null, cancellation).ConfigureAwait(false);
            lease = JsonNode.Parse(read.Span) as JsonObject ?? throw new JsonException("The Lease is no object.");
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return await WriteAsync(HttpMethod.Post, Collection, New(), cancellation).ConfigureAwait(false);
        }

        var spec = lease["spec"] as JsonObject ?? [];
        var holder = Text(spec["holderIdentity"]);
        if (holder != settings.Identity && holder.Length > 0 && !IsOver(spec))
        {
            return false;
        }

        lease["spec"] = Term(spec, isNew: holder != settings.Identity);
        return await WriteAsync(HttpMethod.Put, $"{Collection}/{settings.Name}", lease, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether the other's renewal has not changed for the whole duration.</summary>
    private bool IsOver(JsonObject spec)
    {
        var seen = $"{Text(spec["holderIdentity"])} {Text(spec["renewTime"])}";
        if (seen != observed)
        {
            (observed, observedAt) = (seen, time.GetTimestamp());
            observedDuration = spec["leaseDurationSeconds"] is JsonValue value && value.TryGetValue<int>(out var seconds) ? TimeSpan.FromSeconds(seconds) : settings.Duration;
            return false;
        }

        return time.GetElapsedTime(observedAt) >= observedDuration;
    }

    private JsonObject New() => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = settings.Name, ["namespace"] = settings.Namespace },
        ["spec"] = Term([], isNew: true),
    };

    private JsonObject Term(JsonObject before, bool isNew)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var transitions = before["leaseTransitions"] is JsonValue value && value.TryGetValue<int>(out var count) ? count : 0;
        return new JsonObject
        {
            ["holderIdentity"] = settings.Identity,
            ["leaseDurationSeconds"] = Math.Max(1, (int)settings.Duration.TotalSeconds),
            ["acquireTime"] = isNew ? now : before["acquireTime"]?.DeepClone() ?? now,
            ["renewTime"] = now,
            ["leaseTransitions"] = before.Count > 0 && isNew ? transitions + 1 : transitions,
        };
    }

    /// <summary>False when another was first.</summary>
    private async Task<bool> WriteAsync(HttpMethod method, string path, JsonObject lease, CancellationToken cancellation)
    {
        try
        {
            await api.ReadAsync(method, path, ApiClient.Json(JsonText.Of(lease)), cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ApiException exception) when (exception.IsConflict || exception.Reason == "AlreadyExists")
        {
            return false;
        }
    }

    private void Hold(long since)
    {
        lock (gate)
        {
            renewedAt = since;
            if (isHeld)
            {
                return;
            }

            isHeld = true;
            term = new CancellationTokenSource();
        }

        report(DiagnosticSeverity.Info, "This replica is the leader now: it writes statuses.");
        changed(true);
    }

    private void End(string reason)
    {
        CancellationTokenSource ended;
        lock (gate)
        {
            if (!isHeld)
            {
                return;
            }

            isHeld = false;
            ended = term;
        }

        ended.Cancel();
        report(DiagnosticSeverity.Warning, $"This replica is no longer the leader: {reason}");
        changed(false);
    }

    /// <summary>So that another need not wait for the term to pass.</summary>
    private async Task ReleaseAsync()
    {
        var wasLeader = IsLeader;
        End("it ends.");
        if (!wasLeader)
        {
            return;
        }

        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            var read = await api.ReadAsync(HttpMethod.Get, $"{Collection}/{settings.Name}", null, limit.Token).ConfigureAwait(false);
            if (JsonNode.Parse(read.Span) is JsonObject lease && lease["spec"] is JsonObject spec && Text(spec["holderIdentity"]) == settings.Identity)
            {
                spec["holderIdentity"] = "";
                await WriteAsync(HttpMethod.Put, $"{Collection}/{settings.Name}", lease, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is ApiException or HttpRequestException or IOException or TimeoutException or JsonException or OperationCanceledException)
        {
            // It passes by itself.
        }
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
