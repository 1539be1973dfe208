using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>Why two listeners cannot both be had; a condition reason.</summary>
internal enum ListenerConflict
{
    None,
    HostnameConflict,
    ProtocolConflict,
}

/// <summary>Something that is wrong: a condition's reason and message, and the field it is about.</summary>
internal sealed record Problem(string Reason, string Message, string Field)
{
    /// <summary>
    /// Whether all that is wrong is that a Secret is not there (yet): Secrets are rarely kept beside the rest of the configuration, so
    /// this is a warning where anything that is there and wrong is an error. The condition is the same.
    /// </summary>
    public bool IsAbsentSecret { get; init; }

    /// <summary>The diagnostic's code, where the reason says too little; null for one made of the reason.</summary>
    public string? Code { get; init; }
}

/// <summary>A listener of a Gateway or ListenerSet, with what can be said about it from that object alone.</summary>
internal sealed record ListenerView
{
    public required GatewayListener Listener { get; init; }

    /// <summary>The Gateway or ListenerSet.</summary>
    public required Resource Owner { get; init; }

    /// <summary>The Gateway, also of a ListenerSet's listener.</summary>
    public required Resource<Gateway> Gateway { get; init; }

    /// <summary>What is asked of clients' certificates; null for nothing.</summary>
    public FrontendTlsValidation? FrontendValidation { get; init; }

    /// <summary>Where that stands: in the Gateway, or (for a ListenerSet, which has no such field) the listener itself.</summary>
    public string FrontendField { get; init; } = "";

    /// <summary>Where it stands in the owner, for example <c>spec.listeners[0]</c>.</summary>
    public required string Field { get; init; }

    /// <summary>Normalized; empty for every host.</summary>
    public required string Hostname { get; init; }

    /// <summary>The kinds of routes it admits.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>A kind it names that it cannot serve.</summary>
    public Problem? InvalidKind { get; init; }

    public ListenerConflict Conflict { get; init; }

    /// <summary>Why it is not accepted, conflicts apart; null when it is.</summary>
    public Problem? Rejection { get; init; }

    public string Name => Listener.Name;

    public int Port => Listener.Port;

    /// <summary>Whether it takes HTTP requests, in cleartext or over TLS; otherwise it takes streams.</summary>
    public bool IsHttp => Listener.Protocol is "HTTP" or "HTTPS";

    public bool IsHttps => Listener.Protocol == "HTTPS";

    public bool IsUdp => Listener.Protocol == "UDP";

    /// <summary>Whether it ends the client's TLS.</summary>
    public bool TerminatesTls => Listener.Protocol is "HTTPS" or "TLS" && Listener.Tls?.Mode is null or "Terminate";

    /// <summary>Whether it may take requests as far as its own object says; its certificates may still be missing.</summary>
    public bool IsSound => Conflict == ListenerConflict.None && Rejection is null;

    public bool Admits(string kind)
    {
        for (var i = 0; i < Kinds.Count; i++)
        {
            if (Kinds[i] == kind)
            {
                return true;
            }
        }

        return false;
    }
}
