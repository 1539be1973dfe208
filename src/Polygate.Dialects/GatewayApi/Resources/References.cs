namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>The object a route wants to attach to, and which of its listeners. Absent fields have the API's defaults.</summary>
public sealed record ParentReference
{
    public string? Group { get; set; }

    public string? Kind { get; set; }

    public string? Namespace { get; set; }

    public string Name { get; set; } = "";

    /// <summary>The listener's name; null selects by <see cref="Port"/> or all.</summary>
    public string? SectionName { get; set; }

    public int? Port { get; set; }
}

/// <summary>A reference to something that answers requests; a Service unless it says otherwise.</summary>
public class BackendObjectReference
{
    public string? Group { get; set; }

    public string? Kind { get; set; }

    public string Name { get; set; } = "";

    public string? Namespace { get; set; }

    /// <summary>The port of the Service (not of its Pods); required for Services.</summary>
    public int? Port { get; set; }
}

/// <summary>A backend with its share of the traffic.</summary>
public class BackendRef : BackendObjectReference
{
    /// <summary>0 to 1,000,000; 1 when absent.</summary>
    public int? Weight { get; set; }
}

/// <summary>A reference to a Secret, or to another object that stands for one; possibly in another namespace.</summary>
public sealed class SecretObjectReference
{
    public string? Group { get; set; }

    public string? Kind { get; set; }

    public string Name { get; set; } = "";

    public string? Namespace { get; set; }
}

/// <summary>A reference to an object of any kind, possibly in another namespace.</summary>
public sealed class ObjectReference
{
    public string Group { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Namespace { get; set; }
}

/// <summary>A reference to an object of any kind in the same namespace.</summary>
public sealed class LocalObjectReference
{
    public string Group { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";
}
