using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Running;

/// <summary>What is wrong now, kept from change to change, so that a small change costs little. One thread at a time.</summary>
internal sealed class DiagnosticBook
{
    private readonly Dictionary<Diagnostic, int> counts = [];
    private readonly HashSet<Diagnostic> fresh = [];
    private readonly HashSet<Diagnostic> gone = [];
    private IReadOnlyCollection<Diagnostic> ofSource = [];
    private IReadOnlyCollection<Diagnostic> ofProxy = [];

    public int Errors { get; private set; }

    public int Warnings { get; private set; }

    /// <summary>How many diagnostics hold.</summary>
    public int Count => counts.Count;

    /// <summary>Takes in what was translated.</summary>
    public void Take(IEnumerable<TranslationChange> changes)
    {
        foreach (var change in changes)
        {
            Replace(change.Before.Diagnostics, change.After?.Diagnostics ?? []);
        }
    }

    /// <summary>Takes in all that is wrong in the source, and all that the proxy cannot use.</summary>
    public void Take(IReadOnlyCollection<Diagnostic> source, IReadOnlyCollection<Diagnostic> proxy)
    {
        Replace(ofSource, source);
        Replace(ofProxy, proxy);
        (ofSource, ofProxy) = (source, proxy);
    }

    /// <summary>What is newly wrong, and how much no longer is, since the last call.</summary>
    public (IReadOnlyList<Diagnostic> Fresh, int Gone) TakeNews()
    {
        var news = (fresh.Count == 0 ? [] : Snapshot.InOrder(fresh), gone.Count);
        fresh.Clear();
        gone.Clear();
        return news;
    }

    private void Replace(IReadOnlyCollection<Diagnostic> before, IReadOnlyCollection<Diagnostic> after)
    {
        if (ReferenceEquals(before, after) || (before.Count == 0 && after.Count == 0))
        {
            return;
        }

        foreach (var diagnostic in after)
        {
            Add(diagnostic);
        }

        foreach (var diagnostic in before)
        {
            Remove(diagnostic);
        }
    }

    private void Add(Diagnostic diagnostic)
    {
        var count = counts.GetValueOrDefault(diagnostic);
        counts[diagnostic] = count + 1;
        if (count == 0)
        {
            Tally(diagnostic, 1);
            if (!gone.Remove(diagnostic))
            {
                fresh.Add(diagnostic);
            }
        }
    }

    private void Remove(Diagnostic diagnostic)
    {
        if (!counts.TryGetValue(diagnostic, out var count))
        {
            return;
        }

        if (count > 1)
        {
            counts[diagnostic] = count - 1;
            return;
        }

        counts.Remove(diagnostic);
        Tally(diagnostic, -1);
        if (!fresh.Remove(diagnostic))
        {
            gone.Add(diagnostic);
        }
    }

    private void Tally(Diagnostic diagnostic, int step)
    {
        Errors += diagnostic.Severity == DiagnosticSeverity.Error ? step : 0;
        Warnings += diagnostic.Severity == DiagnosticSeverity.Warning ? step : 0;
    }
}
