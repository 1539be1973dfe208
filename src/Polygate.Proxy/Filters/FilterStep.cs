using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>One filter made ready to run. Stateless or thread-safe: loops share it.</summary>
internal abstract class FilterStep
{
    /// <summary>Whether it speaks of the request's target as it came, before filters changed it.</summary>
    public virtual bool UsesOriginal => false;

    /// <summary>Changes the request, or answers it in the backend's place; null goes on.</summary>
    public virtual LocalReply? OnRequest(RequestHead head, FilterState state) => null;

    /// <summary>Told at the end of an exchange for which it kept something (<see cref="FilterState.Note"/>).</summary>
    public virtual void OnEnd(object note)
    {
    }

    /// <summary>Changes the answer.</summary>
    public virtual void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
    }
}

/// <summary>A filter that may have to wait before it can go on.</summary>
internal abstract class AsyncFilterStep : FilterStep
{
    /// <summary>As <see cref="FilterStep.OnRequest"/>; resumes where it was awaited.</summary>
    public abstract ValueTask<LocalReply?> OnRequestAsync(RequestHead head, FilterState state);
}
