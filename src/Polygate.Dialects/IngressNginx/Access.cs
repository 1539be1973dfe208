using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Who may pass: address lists, passwords, and an authentication service.</summary>
internal sealed record Access
{
    /// <summary>Null when every address may pass.</summary>
    public AddressAccessFilter? Addresses { get; init; }

    /// <summary>Null without passwords.</summary>
    public PasswordAuthentication? Passwords { get; init; }

    /// <summary>Null without an authentication service.</summary>
    public ExternalAuth? Service { get; init; }

    /// <summary>Whether passing one of them is enough (<c>satisfy: any</c>).</summary>
    public bool AnyIsEnough { get; init; }

    /// <summary>Whether the authentication service of the whole controller is asked where there is no other.</summary>
    public bool UsesGlobalService { get; init; } = true;

    /// <param name="reader">The annotations.</param>
    /// <param name="ingress">Namespace and name.</param>
    public static Access Parse(AnnotationReader reader, string ingress) => new()
    {
        Addresses = ParseAddresses(reader),
        Passwords = PasswordAuthentication.Parse(reader),
        Service = ExternalAuth.Parse(reader, ingress),
        AnyIsEnough = reader.Choice("satisfy", "all", "any") == "any",
        UsesGlobalService = reader.Boolean("enable-global-auth"),
    };

    /// <summary>
    /// The filters of a path. What cannot be set up refuses every request: it is never one of several ways in.
    /// </summary>
    /// <param name="context">Where Secrets, ConfigMaps and Services are found.</param>
    /// <param name="owner">The Ingress that asks for them.</param>
    /// <param name="path">The path.</param>
    /// <param name="options">Says which paths need no authentication.</param>
    public IReadOnlyList<Filter> Filters(TranslationContext context, Resource owner, string path, IngressNginxOptions options)
    {
        var filters = new List<Filter>();
        if (Addresses is not null)
        {
            filters.Add(Addresses);
        }

        if (!options.NoAuthLocations.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (Passwords is not null)
            {
                filters.Add(Passwords.Filter(context, owner));
            }

            if ((Service ?? (UsesGlobalService ? options.GlobalAuth : null)) is { } service)
            {
                filters.Add(service.Resolve(context, owner));
            }
        }

        return filters.OfType<RefuseFilter>().FirstOrDefault() is { } refusal ? [refusal]
            : AnyIsEnough && filters.Count > 1 ? [new AnyOfFilter(filters.ToValueList())]
            : filters;
    }

    private static AddressAccessFilter? ParseAddresses(AnnotationReader reader)
    {
        Action<string, string> deny = (name, message) => reader.DenyLocation(name, message);
        var allow = reader.Networks("allowlist-source-range", deny);
        var denied = reader.Networks("denylist-source-range", deny);
        return allow.IsEmpty && denied.IsEmpty ? null : new AddressAccessFilter { Allow = allow, Deny = denied };
    }
}
