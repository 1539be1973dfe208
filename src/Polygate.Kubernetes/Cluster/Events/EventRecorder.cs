using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Leadership;
using Polygate.Kubernetes.Cluster.Statuses;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Events;

/// <summary>
/// Tells users of an object, as Kubernetes Events on it, what they must act on: errors and warnings, not what is merely worth knowing. The same thing about the same
/// object is said once while its Event is kept, by whichever replica and however often it starts: an Event's name follows
/// from what it says. At most five a second.
/// </summary>
public sealed class EventRecorder
{
    /// <summary>Beyond so many waiting Events more are dropped: diagnostics are in the log too.</summary>
    private const int Capacity = 2000;

    /// <summary>The API's limit (Event v1, <c>note</c>).</summary>
    private const int LongestMessage = 1024;

    private readonly ApiClient api;
    private readonly ILeadership leadership;
    private readonly string reporter;
    private readonly string instance;
    private readonly TimeProvider time;
    private readonly RateLimit limit;
    private readonly HashSet<string> said = [];
    private readonly Channel<(Resource About, string ApiVersion, Diagnostic Diagnostic)> waiting =
        Channel.CreateBounded<(Resource, string, Diagnostic)>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <param name="api">The server.</param>
    /// <param name="leadership">Who may write.</param>
    /// <param name="reporter">The name of the controller.</param>
    /// <param name="instance">This replica.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public EventRecorder(ApiClient api, ILeadership leadership, string reporter, string instance, TimeProvider? time = null)
    {
        this.api = api;
        this.leadership = leadership;
        this.reporter = reporter;
        this.instance = instance;
        this.time = time ?? TimeProvider.System;
        limit = new RateLimit(5, 25, this.time);
    }

    /// <summary>Has something told about an object. Returns at once; from any thread.</summary>
    /// <param name="about">The object.</param>
    /// <param name="apiVersion">Its API version, with the group.</param>
    /// <param name="diagnostic">What is wrong with it.</param>
    public void Add(Resource about, string apiVersion, Diagnostic diagnostic)
    {
        if (diagnostic.Severity != DiagnosticSeverity.Info && leadership.IsLeader)
        {
            waiting.Writer.TryWrite((about, apiVersion, diagnostic));
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var (about, apiVersion, diagnostic) in waiting.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            var name = NameOf(about, diagnostic);
            if (!leadership.IsLeader || said.Contains(name))
            {
                continue;
            }

            await limit.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                var ns = about.Namespace.Length == 0 ? "default" : about.Namespace;
                var body = JsonText.Of(Make(name, ns, about, apiVersion, diagnostic));
                await api.ReadAsync(HttpMethod.Post, ApiPath.Collection("", "v1", "events", ns), ApiClient.Json(body), cancellation).ConfigureAwait(false);
                Remember(name);
            }
            catch (ApiException exception) when (exception.Reason == "AlreadyExists")
            {
                Remember(name);
            }
            catch (Exception exception) when (exception is ApiException or HttpRequestException or IOException or TimeoutException)
            {
                // An Event is a courtesy: what is wrong is in the log and, where the kind has one, in the status.
            }
        }
    }

    private void Remember(string name)
    {
        if (said.Count > 10_000)
        {
            said.Clear();
        }

        said.Add(name);
    }

    private JsonObject Make(string name, string ns, Resource about, string apiVersion, Diagnostic diagnostic)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var involved = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = about.Key.Kind, ["name"] = about.Name, ["uid"] = about.Metadata.Uid };
        if (about.Namespace.Length > 0)
        {
            involved["namespace"] = about.Namespace;
        }

        if (diagnostic.Origin.Field.Length > 0)
        {
            involved["fieldPath"] = diagnostic.Origin.Field;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = involved,
            ["type"] = "Warning",
            ["reason"] = Reason(diagnostic.Code),
            ["message"] = diagnostic.Message.Length > LongestMessage ? diagnostic.Message[..(LongestMessage - 1)] + "…" : diagnostic.Message,
            ["source"] = new JsonObject { ["component"] = reporter },
            ["reportingComponent"] = reporter,
            ["reportingInstance"] = instance,
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        };
    }

    /// <summary>The object's name (cut, as both together are limited to 253 characters) and a digest of what is said.</summary>
    private static string NameOf(Resource about, Diagnostic diagnostic)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{about.Metadata.Uid}\n{diagnostic.Code}\n{diagnostic.Origin.Field}\n{diagnostic.Message}"));
        return $"{(about.Name.Length > 200 ? about.Name[..200].TrimEnd('.', '-') : about.Name)}.{Convert.ToHexStringLower(digest.AsSpan(0, 8))}";
    }

    /// <summary><c>missing-secret</c> becomes <c>MissingSecret</c>.</summary>
    private static string Reason(string code) =>
        string.Concat(code.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
