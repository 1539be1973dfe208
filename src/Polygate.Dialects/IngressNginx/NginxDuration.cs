using System.Globalization;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Durations as nginx writes them: <c>30s</c>, <c>1h 30m</c>, <c>500ms</c>, <c>1d</c>; a bare number is seconds.</summary>
internal static class NginxDuration
{
    /// <summary>The duration; null for what is none, or is longer than a hundred years.</summary>
    public static TimeSpan? Parse(string text)
    {
        var total = TimeSpan.Zero;
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts)
        {
            var digits = part.Length - part.AsSpan().TrimStart("0123456789").Length;
            if (digits is 0 or > 9 || UnitOf(part[digits..]) is not { } unit)
            {
                return null;
            }

            total += int.Parse(part.AsSpan(0, digits), CultureInfo.InvariantCulture) * unit;
        }

        return parts.Length == 0 || total > TimeSpan.FromDays(36525) ? null : total;
    }

    private static TimeSpan? UnitOf(string unit) => unit switch
    {
        "ms" => TimeSpan.FromMilliseconds(1),
        "" or "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        "d" => TimeSpan.FromDays(1),
        "w" => TimeSpan.FromDays(7),
        "M" => TimeSpan.FromDays(30),
        "y" => TimeSpan.FromDays(365),
        _ => null,
    };
}
