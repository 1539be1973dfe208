using k8s.Models;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Traefik;

/// <summary>Durations as Traefik's CRDs write them: a bare number is seconds, a text a Go duration.</summary>
internal static class TraefikDurations
{
    /// <summary>The duration; null when it is absent or (with an error) not one.</summary>
    public static TimeSpan? Read(IntOrString? value, Findings findings, string field)
    {
        if (value?.Value is not { Length: > 0 } text)
        {
            return null;
        }

        if (int.TryParse(text, out var seconds) && seconds >= 0)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        if (GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero)
        {
            return duration;
        }

        findings.Error("invalid-duration", $"{field} is not a duration such as 500ms, or a number of seconds.", field);
        return null;
    }
}
