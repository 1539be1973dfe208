namespace Polygate.Kubernetes.Cluster.Leadership;

/// <summary>Whether this replica is the one that writes.</summary>
public interface ILeadership
{
    /// <summary>Whether it is now. By the local clock alone: a leader that cannot renew is none in time, without asking anybody.</summary>
    bool IsLeader { get; }

    /// <summary>Cancelled when the present term ends; cancelled already where there is none.</summary>
    CancellationToken Lost { get; }
}
