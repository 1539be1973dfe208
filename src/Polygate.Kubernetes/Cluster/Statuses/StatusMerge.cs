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

    /// <summary>Whether what was said last is needed to tell what of a status is this gateway's.</summary>
    public static bool NeedsLast(StatusShape shape) => shape is StatusShape.LoadBalancer or StatusShape.Fields;

    /// <summary>The status as it should be.</summary>
    /// <param name="shape">How it is built.</param>
    /// <param name="live">As it stands.</param>
    /// <param name="wanted">What this gateway has to say; null for nothing (any more). Parts of it are taken over into the result.</param>
    /// <param name="written">
    /// What it said last, if it did; what nobody else could have said otherwise is taken back. Of no interest where entries and conditions
    /// tell whose they are (<see cref="NeedsLast"/>).
    /// </param>
    public JsonObject Merge(StatusShape shape, JsonObject live, JsonObject? wanted, JsonObject? written)
    {
        if (shape is StatusShape.Conditions)
        {
            return Conditions(live, wanted);
        }

        var merged = (JsonObject)live.DeepClone();
        switch (shape)
        {
            case StatusShape.LoadBalancer:
                Addresses(merged, wanted, written);
                break;
            case StatusShape.ByController:
                Entries(merged, wanted);
                break;
            default:
                Fields(merged, wanted, written);
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

    private JsonObject Conditions(JsonObject live, JsonObject? wanted)
    {
        var merged = new JsonObject();
        foreach (var (name, value) in live)
        {
            if (name is not ("parents" or "ancestors") && wanted?.ContainsKey(name) != true)
            {
                merged[name] = value?.DeepClone();
            }
        }

        foreach (var (list, reference) in new[] { ("parents", "parentRef"), ("ancestors", "ancestorRef") })
        {
            if (wanted?[list] is not null || live[list] is not null)
            {
                merged[list] = ByController(live[list] as JsonArray ?? [], wanted?[list] as JsonArray ?? [], reference);
            }
        }

        foreach (var (name, value) in wanted?.ToList() ?? [])
        {
            wanted!.Remove(name);
            switch (name)
            {
                case "parents" or "ancestors":
                    break;
                case "conditions":
                    MergeConditions(live[name] as JsonArray, (JsonArray)value!);
                    merged[name] = value;
                    break;
                case "listeners":
                    merged[name] = Listeners(live[name] as JsonArray ?? [], (JsonArray)value!);
                    break;
                default:
                    merged[name] = value;
                    break;
            }
        }

        return merged;
    }

    /// <summary>Entries of others where they are, this gateway's in place of those about the same object, new ones behind.</summary>
    private JsonArray ByController(JsonArray live, JsonArray wanted, string reference)
    {
        var rest = Take(wanted);
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
        foreach (var listener in Take(wanted))
        {
            var known = live.OfType<JsonObject>().FirstOrDefault(candidate => Text(candidate["name"]) == Text(listener["name"]));
            result.Add((JsonNode)WithTimes(listener, known));
        }

        return result;
    }

    /// <summary>The objects of an array, which has them no longer.</summary>
    private static List<JsonObject> Take(JsonArray array)
    {
        var items = array.OfType<JsonObject>().ToList();
        array.Clear();
        return items;
    }

    private JsonObject WithTimes(JsonObject entry, JsonObject? known)
    {
        if (entry["conditions"] is JsonArray conditions)
        {
            MergeConditions(known?["conditions"] as JsonArray, conditions);
        }

        return entry;
    }

    /// <summary>Gives conditions the times of their transitions, and adds those of others.</summary>
    private void MergeConditions(JsonArray? live, JsonArray wanted)
    {
        var known = (live ?? []).OfType<JsonObject>().Select(condition => (Type: Text(condition["type"]), Condition: condition)).ToList();
        var said = wanted.Count;
        for (var i = 0; i < said; i++)
        {
            var condition = wanted[i]!.AsObject();
            var type = Text(condition["type"]);
            var place = known.FindIndex(candidate => candidate.Type == type);
            condition["lastTransitionTime"] = place >= 0 && JsonNode.DeepEquals(known[place].Condition["status"], condition["status"])
                && Text(known[place].Condition["lastTransitionTime"]) is { Length: > 0 } since
                ? since
                : now;
            known.RemoveAll(candidate => candidate.Type == type);
        }

        foreach (var (type, foreign) in known)
        {
            if (!OwnConditions.Contains(type))
            {
                wanted.Add(foreign.DeepClone());
            }
        }
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
