using System.Text.Json.Nodes;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>Who writes statuses.</summary>
/// <param name="ControllerName">In entries of the Gateway API and its like (<c>controllerName</c>).</param>
/// <param name="Reporter">In entries of Gloo Edge (<c>reportedBy</c>); also the name of an entry whose usual one another controller has.</param>
public sealed record StatusIdentity(string ControllerName, string Reporter = "polygate");

/// <summary>
/// Puts what this gateway has to say into a status as it stands: entries of other controllers stay, conditions keep the time
/// of their last transition.
/// </summary>
internal sealed class StatusMerge
{
    /// <summary>
    /// Condition types that this gateway sets. One of these that is no longer said is removed, one of another type is somebody
    /// else's.
    /// </summary>
    private static readonly HashSet<string> OwnConditions =
    [
        "Accepted", "Programmed", "ResolvedRefs", "Conflicted", "PartiallyInvalid", "SupportedVersion", "OverlappingTLSConfig",
        "InsecureFrontendValidationMode", "Ready", "Scheduled",
    ];

    private readonly StatusIdentity identity;
    private readonly string now;

    /// <param name="identity">Who writes.</param>
    /// <param name="now">The time of transitions.</param>
    public StatusMerge(StatusIdentity identity, DateTimeOffset now)
    {
        this.identity = identity;
        this.now = now.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The status as it should be.</summary>
    /// <param name="shape">How it is built.</param>
    /// <param name="live">As it stands.</param>
    /// <param name="wanted">What this gateway has to say; null for nothing (any more).</param>
    /// <param name="written">What it said last, if it did; what nobody else could have said otherwise is taken back.</param>
    public JsonObject Merge(StatusShape shape, JsonObject live, JsonObject? wanted, JsonObject? written)
    {
        var merged = (JsonObject)live.DeepClone();
        switch (shape)
        {
            case StatusShape.LoadBalancer:
                Addresses(merged, wanted, written);
                break;
            case StatusShape.ByController:
                Entries(merged, wanted);
                break;
            case StatusShape.Fields:
                Fields(merged, wanted, written);
                break;
            default:
                Conditions(merged, wanted);
                break;
        }

        return merged;
    }

    private static void Addresses(JsonObject merged, JsonObject? wanted, JsonObject? written)
    {
        if (wanted is not null)
        {
            merged["loadBalancer"] = wanted["loadBalancer"]?.DeepClone();
        }
        else if (written is not null && JsonNode.DeepEquals(merged["loadBalancer"], written["loadBalancer"]))
        {
            merged["loadBalancer"] = new JsonObject();
        }
    }

    private static void Fields(JsonObject merged, JsonObject? wanted, JsonObject? written)
    {
        foreach (var (name, _) in written ?? [])
        {
            merged.Remove(name);
        }

        foreach (var (name, value) in wanted ?? [])
        {
            merged[name] = value?.DeepClone();
        }
    }

    private void Entries(JsonObject merged, JsonObject? wanted)
    {
        var entries = merged["statuses"] as JsonObject ?? [];
        var mine = entries.Where(pair => ReporterOf(pair.Value) == identity.Reporter).Select(pair => pair.Key).ToList();
        var said = new HashSet<string>();
        foreach (var (name, value) in wanted?["statuses"] as JsonObject ?? [])
        {
            // Another controller may be at home under this name.
            var key = entries[name] is { } taken && ReporterOf(taken) != identity.Reporter ? identity.Reporter : name;
            entries[key] = value?.DeepClone();
            said.Add(key);
        }

        foreach (var name in mine.Where(name => !said.Contains(name)))
        {
            entries.Remove(name);
        }

        if (entries.Count > 0 || merged.ContainsKey("statuses"))
        {
            merged["statuses"] = entries.Parent is null ? entries : entries.DeepClone();
        }
    }

    private static string ReporterOf(JsonNode? entry) =>
        entry is JsonObject fields && fields["reportedBy"] is JsonValue value && value.TryGetValue<string>(out var reporter) ? reporter : "";

    private void Conditions(JsonObject merged, JsonObject? wanted)
    {
        foreach (var list in new[] { ("parents", "parentRef"), ("ancestors", "ancestorRef") })
        {
            if (wanted?[list.Item1] is not null || merged[list.Item1] is not null)
            {
                merged[list.Item1] = ByController(merged[list.Item1] as JsonArray ?? [], wanted?[list.Item1] as JsonArray ?? [], list.Item2);
            }
        }

        foreach (var (name, value) in wanted ?? [])
        {
            switch (name)
            {
                case "parents" or "ancestors":
                    break;
                case "conditions":
                    merged[name] = MergeConditions(merged[name] as JsonArray, (JsonArray)value!);
                    break;
                case "listeners":
                    merged[name] = Listeners(merged[name] as JsonArray ?? [], (JsonArray)value!);
                    break;
                default:
                    merged[name] = value?.DeepClone();
                    break;
            }
        }
    }

    /// <summary>Entries of others where they are, this gateway's in place of those about the same object, new ones behind.</summary>
    private JsonArray ByController(JsonArray live, JsonArray wanted, string reference)
    {
        var rest = wanted.OfType<JsonObject>().ToList();
        var result = new JsonArray();
        foreach (var entry in live.OfType<JsonObject>())
        {
            if (Text(entry["controllerName"]) != identity.ControllerName)
            {
                result.Add(entry.DeepClone());
            }
            else if (rest.FindIndex(candidate => JsonNode.DeepEquals(candidate[reference], entry[reference])) is >= 0 and var place)
            {
                result.Add((JsonNode)WithTimes(rest[place], entry));
                rest.RemoveAt(place);
            }
        }

        rest.ForEach(entry => result.Add((JsonNode)WithTimes(entry, null)));
        return result;
    }

    private JsonArray Listeners(JsonArray live, JsonArray wanted)
    {
        var result = new JsonArray();
        foreach (var listener in wanted.OfType<JsonObject>())
        {
            var known = live.OfType<JsonObject>().FirstOrDefault(candidate => Text(candidate["name"]) == Text(listener["name"]));
            result.Add((JsonNode)WithTimes(listener, known));
        }

        return result;
    }

    private JsonObject WithTimes(JsonObject entry, JsonObject? known)
    {
        var copy = (JsonObject)entry.DeepClone();
        if (copy["conditions"] is JsonArray conditions)
        {
            copy["conditions"] = MergeConditions(known?["conditions"] as JsonArray, conditions);
        }

        return copy;
    }

    private JsonArray MergeConditions(JsonArray? live, JsonArray wanted)
    {
        var known = (live ?? []).OfType<JsonObject>().ToList();
        var result = new JsonArray();
        foreach (var condition in wanted.OfType<JsonObject>())
        {
            var copy = (JsonObject)condition.DeepClone();
            var before = known.Find(candidate => Text(candidate["type"]) == Text(condition["type"]));
            copy["lastTransitionTime"] = before is not null && Text(before["status"]) == Text(condition["status"]) && Text(before["lastTransitionTime"]) is { Length: > 0 } since
                ? since
                : now;
            result.Add((JsonNode)copy);
        }

        var said = wanted.OfType<JsonObject>().Select(condition => Text(condition["type"])).ToHashSet();
        foreach (var foreign in known.Where(condition => Text(condition["type"]) is var type && !said.Contains(type) && !OwnConditions.Contains(type)))
        {
            result.Add(foreign.DeepClone());
        }

        return result;
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
