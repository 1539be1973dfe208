using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster.Statuses;
using Polygate.Kubernetes.Resources;

namespace Polygate.Running;

/// <summary>Tells the status writer what translations say of objects, with the addresses that belong there.</summary>
internal sealed class StatusFeed
{
    private readonly StatusWriter writer;
    private readonly PublishedAddresses addresses;
    private readonly InfrastructureFeed? infrastructure;

    /// <summary>Objects whose status tells addresses, and what else it says.</summary>
    private readonly Dictionary<ResourceKey, StatusWish> addressed = [];

    /// <summary>That of every Ingress, made once.</summary>
    private ReadOnlyMemory<byte>? ingressStatus;

    /// <param name="writer">Writes them.</param>
    /// <param name="addresses">What belongs into them.</param>
    /// <param name="infrastructure">Hears of Gateways' statuses; null where nothing is made for them.</param>
    public StatusFeed(StatusWriter writer, PublishedAddresses addresses, InfrastructureFeed? infrastructure = null)
    {
        this.infrastructure = infrastructure;
        this.writer = writer;
        this.addresses = addresses;
    }

    /// <summary>Takes in what was translated again.</summary>
    public void Take(IReadOnlyCollection<TranslationChange> changes)
    {
        // One dialect may have taken over what another gave up; of one root the last translation counts.
        var wishes = new Dictionary<ResourceKey, StatusWish>();
        foreach (var change in changes)
        {
            foreach (var key in KeysOf(change.Before))
            {
                if (wishes.GetValueOrDefault(key)?.Contributor == Contributor(change))
                {
                    wishes.Remove(key);
                }
            }

            foreach (var key in KeysOf(change.After))
            {
                wishes[key] = WishOf(change, change.After!, key);
            }
        }

        foreach (var (key, wish) in wishes)
        {
            Want(key, wish);
        }

        foreach (var change in changes)
        {
            foreach (var key in KeysOf(change.Before))
            {
                if (!wishes.ContainsKey(key) && writer.WishFor(key)?.Contributor == Contributor(change))
                {
                    addressed.Remove(key);
                    Tell(key, null);
                }
            }
        }
    }

    /// <summary>Says everything again that tells addresses, since these are others now.</summary>
    public void AddressesChanged()
    {
        ingressStatus = null;
        foreach (var (key, wish) in addressed)
        {
            Tell(key, WithAddresses(key, wish));
        }
    }

    private void Tell(ResourceKey key, StatusWish? wish)
    {
        writer.Want(key, wish);
        if (IsGateway(key))
        {
            infrastructure?.Take(key, wish?.Status is { } status ? Tree(status) : null);
        }
    }

    private void Want(ResourceKey key, StatusWish wish)
    {
        if (key.Kind == "Ingress" || (IsGateway(key) && wish.Status is { } status && !Tree(status).ContainsKey("addresses")))
        {
            addressed[key] = wish;
            Tell(key, WithAddresses(key, wish));
        }
        else
        {
            addressed.Remove(key);
            Tell(key, wish);
        }
    }

    private StatusWish WithAddresses(ResourceKey key, StatusWish wish)
    {
        if (key.Kind == "Ingress")
        {
            return wish with { Status = ingressStatus ??= JsonText.Of(addresses.ForIngress()) };
        }

        var status = Tree(wish.Status!.Value);
        status["addresses"] = addresses.ForGateway();
        return wish with { Status = JsonText.Of(status) };
    }

    private static bool IsGateway(ResourceKey key) => key.Kind == GatewayApiTypes.Gateway.Kind && key.Group == GatewayApiTypes.Group;

    private static JsonObject Tree(ReadOnlyMemory<byte> json) => JsonNode.Parse(json.Span)!.AsObject();

    private static (string Dialect, ResourceKey Root) Contributor(TranslationChange change) => (change.Dialect, change.Root);

    private static StatusWish WishOf(TranslationChange change, Translation translation, ResourceKey key)
    {
        ReadOnlyMemory<byte>? status = null;
        foreach (var said in translation.Statuses)
        {
            status = said.Resource == key ? said.Json : status;
        }

        (string, bool)? finalizer = null;
        foreach (var wish in translation.Finalizers)
        {
            finalizer = wish.Resource == key ? (wish.Finalizer, wish.Wanted) : finalizer;
        }

        return new StatusWish(Contributor(change), status, finalizer);
    }

    /// <summary>The objects of which a translation says something; one may come several times.</summary>
    private static IEnumerable<ResourceKey> KeysOf(Translation? translation)
    {
        foreach (var status in translation?.Statuses ?? [])
        {
            yield return status.Resource;
        }

        foreach (var key in translation?.Addressed ?? [])
        {
            yield return key;
        }

        foreach (var wish in translation?.Finalizers ?? [])
        {
            yield return wish.Resource;
        }
    }
}
