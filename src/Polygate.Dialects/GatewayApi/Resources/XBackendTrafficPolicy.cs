using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>Retry budgets and sessions of Services and XBackends (experimental, GEP-3388 and GEP-1619).</summary>
public sealed class XBackendTrafficPolicy : CustomResource<XBackendTrafficPolicySpec>;

/// <summary>What an XBackendTrafficPolicy says.</summary>
public sealed class XBackendTrafficPolicySpec
{
    /// <summary>Whole objects: no port can be named.</summary>
    public IReadOnlyList<PolicyTargetReference>? TargetRefs { get; set; }

    public RetryConstraint? RetryConstraint { get; set; }

    public SessionPersistence? SessionPersistence { get; set; }
}

/// <summary>How many retries a backend gets.</summary>
public sealed class RetryConstraint
{
    public BudgetDetails? Budget { get; set; }

    public RequestRate? MinRetryRate { get; set; }
}

/// <summary>The share of requests that may be retries.</summary>
public sealed class BudgetDetails
{
    /// <summary>0 to 100; 20 when absent.</summary>
    public int? Percent { get; set; }

    /// <summary>1s to 1h; 10s when absent.</summary>
    public string? Interval { get; set; }
}

/// <summary>The least of retries.</summary>
public sealed class RequestRate
{
    /// <summary>1 to 1,000,000; 10 when absent.</summary>
    public int? Count { get; set; }

    /// <summary>More than zero, up to 1h; 1s when absent.</summary>
    public string? Interval { get; set; }
}
