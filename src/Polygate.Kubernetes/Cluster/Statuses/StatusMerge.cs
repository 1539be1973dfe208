using System.Text.Json;

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
    private static readonly string[] OwnConditions =
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

    /// <summary>Writes the status as it should be. What is absent is given as the default.</summary>
    /// <param name="shape">How it is built.</param>
    /// <param name="live">As it stands.</param>
    /// <param name="wanted">What this gateway has to say; absent for nothing (any more).</param>
    /// <param name="written">
    /// What it said last, if it did; what nobody else could have said otherwise is taken back. Of no interest where entries and conditions
    /// tell whose they are (<see cref="NeedsLast"/>).
    /// </param>
    /// <param name="to">Receives one object.</param>
    public void Merge(StatusShape shape, JsonElement live, JsonElement wanted, JsonElement written, Utf8JsonWriter to)
    {
        to.WriteStartObject();
        switch (shape)
        {
            case StatusShape.LoadBalancer:
                Addresses(live, wanted, written, to);
                break;
            case StatusShape.ByController:
                Entries(live, wanted, to);
                break;
            case StatusShape.Conditions:
                Conditions(live, wanted, to);
                break;
            default:
                Fields(live, wanted, written, to);
                break;
        }

        to.WriteEndObject();
    }

    private static void Addresses(JsonElement live, JsonElement wanted, JsonElement written, Utf8JsonWriter to)
    {
        const string Field = "loadBalancer";
        var standing = live.Member(Field);
        foreach (var property in live.Members())
        {
            if (!property.NameEquals(Field))
            {
                property.WriteTo(to);
            }
        }

        if (!wanted.IsAbsent())
        {
            Write(Field, wanted.Member(Field), to);
        }
        else if (!written.IsAbsent() && standing.IsSameAs(written.Member(Field)))
        {
            to.WriteStartObject(Field);
            to.WriteEndObject();
        }
        else
        {
            Write(Field, standing, to);
        }
    }

    private static void Fields(JsonElement live, JsonElement wanted, JsonElement written, Utf8JsonWriter to)
    {
        foreach (var property in live.Members())
        {
            if (!written.Has(property.Name) && !wanted.Has(property.Name))
            {
                property.WriteTo(to);
            }
        }

        foreach (var property in wanted.Members())
        {
            property.WriteTo(to);
        }
    }

    private void Entries(JsonElement live, JsonElement wanted, Utf8JsonWriter to)
    {
        const string Field = "statuses";
        foreach (var property in live.Members())
        {
            if (!property.NameEquals(Field))
            {
                property.WriteTo(to);
            }
        }

        if (!live.Has(Field) && !wanted.Member(Field).Members().Any())
        {
            return;
        }

        var (entries, said) = (live.Member(Field), wanted.Member(Field));
        to.WriteStartObject(Field);
        foreach (var entry in entries.Members())
        {
            if (!IsOurs(entry.Value) && !said.Members().Any(ours => entry.NameEquals(PlaceOf(ours.Name, entries))))
            {
                entry.WriteTo(to);
            }
        }

        foreach (var entry in said.Members())
        {
            Write(PlaceOf(entry.Name, entries), entry.Value, to);
        }

        to.WriteEndObject();
    }

    /// <summary>The name of an entry: another controller may be at home under the usual one.</summary>
    private string PlaceOf(string name, JsonElement entries) =>
        entries.Member(name) is var taken && !taken.IsAbsent() && !IsOurs(taken) ? identity.Reporter : name;

    private bool IsOurs(JsonElement entry) => entry.Member("reportedBy").IsText(identity.Reporter);

    private void Conditions(JsonElement live, JsonElement wanted, Utf8JsonWriter to)
    {
        foreach (var property in live.Members())
        {
            if (!IsByController(property) && !wanted.Has(property.Name))
            {
                property.WriteTo(to);
            }
        }

        ByController("parents", "parentRef", live, wanted, to);
        ByController("ancestors", "ancestorRef", live, wanted, to);
        foreach (var property in wanted.Members())
        {
            if (property.NameEquals("conditions"u8))
            {
                to.WritePropertyName("conditions"u8);
                MergeConditions(live.Member("conditions"), property.Value, to);
            }
            else if (property.NameEquals("listeners"u8))
            {
                Listeners(live.Member("listeners"), property.Value, to);
            }
            else if (!IsByController(property))
            {
                property.WriteTo(to);
            }
        }
    }

    private static bool IsByController(JsonProperty property) => property.NameEquals("parents"u8) || property.NameEquals("ancestors"u8);

    /// <summary>Entries of others where they are, this gateway's in place of those about the same object, new ones behind.</summary>
    private void ByController(string field, string reference, JsonElement live, JsonElement wanted, Utf8JsonWriter to)
    {
        var (standing, rest) = (live.Member(field), wanted.Member(field).Items().ToList());
        if (standing.IsAbsent() && wanted.Member(field).IsAbsent())
        {
            return;
        }

        to.WriteStartArray(field);
        foreach (var entry in standing.Items())
        {
            if (!entry.Member("controllerName").IsText(identity.ControllerName))
            {
                entry.WriteTo(to);
            }
            else if (rest.FindIndex(candidate => candidate.Member(reference).IsSameAs(entry.Member(reference))) is >= 0 and var place)
            {
                WithTimes(rest[place], entry, to);
                rest.RemoveAt(place);
            }
        }

        rest.ForEach(entry => WithTimes(entry, default, to));
        to.WriteEndArray();
    }

    private void Listeners(JsonElement live, JsonElement wanted, Utf8JsonWriter to)
    {
        to.WriteStartArray("listeners"u8);
        foreach (var listener in wanted.Items())
        {
            WithTimes(listener, live.Find("name", listener.Member("name")), to);
        }

        to.WriteEndArray();
    }

    private void WithTimes(JsonElement entry, JsonElement known, Utf8JsonWriter to)
    {
        to.WriteStartObject();
        foreach (var property in entry.Members())
        {
            if (property.NameEquals("conditions"u8))
            {
                to.WritePropertyName("conditions"u8);
                MergeConditions(known.Member("conditions"), property.Value, to);
            }
            else
            {
                property.WriteTo(to);
            }
        }

        to.WriteEndObject();
    }

    /// <summary>Gives conditions the times of their transitions, and adds those of others.</summary>
    private void MergeConditions(JsonElement live, JsonElement wanted, Utf8JsonWriter to)
    {
        to.WriteStartArray();
        foreach (var condition in wanted.Items())
        {
            var known = live.Find("type", condition.Member("type"));
            var since = known.Member("status").IsSameAs(condition.Member("status")) ? known.Member("lastTransitionTime") : default;
            to.WriteStartObject();
            foreach (var property in condition.Members())
            {
                property.WriteTo(to);
            }

            to.WritePropertyName("lastTransitionTime"u8);
            if (since.ValueKind == JsonValueKind.String && !since.ValueEquals(""u8))
            {
                since.WriteTo(to);
            }
            else
            {
                to.WriteStringValue(now);
            }

            to.WriteEndObject();
        }

        foreach (var condition in live.Items())
        {
            var type = condition.Member("type");
            if (condition.ValueKind == JsonValueKind.Object && !IsOwnCondition(type) && wanted.Find("type", type).IsAbsent())
            {
                condition.WriteTo(to);
            }
        }

        to.WriteEndArray();
    }

    private static bool IsOwnCondition(JsonElement type)
    {
        foreach (var own in OwnConditions)
        {
            if (type.IsText(own))
            {
                return true;
            }
        }

        return false;
    }

    private static void Write(string name, JsonElement value, Utf8JsonWriter to)
    {
        if (value.ValueKind != JsonValueKind.Undefined)
        {
            to.WritePropertyName(name);
            value.WriteTo(to);
        }
    }
}
