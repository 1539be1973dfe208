namespace Polygate.Cluster.Tests.Servers;

/// <summary>An API server that the contract is tested on.</summary>
public interface IServerUnderTest
{
    /// <summary>Such as <c>kube-apiserver v1.36.2</c>.</summary>
    string Description { get; }

    /// <summary>A token that may do everything.</summary>
    string AdminToken { get; }

    /// <summary>A client for a token; without credentials where it is empty.</summary>
    HttpClient CreateClient(string token);

    /// <summary>Makes the server forget the changes before now, so that a watch cannot go on from them.</summary>
    Task ExpireHistoryAsync();

    /// <summary>A kubeconfig for a token.</summary>
    string Kubeconfig(string token);

    /// <summary>A token of another user, who may do everything: <c>replica-1</c> or <c>replica-2</c>.</summary>
    string TokenOf(string replica);

    /// <summary>The writes that were accepted, in the order of their answers, and who made them.</summary>
    IReadOnlyList<AcceptedWrite> Writes();
}
