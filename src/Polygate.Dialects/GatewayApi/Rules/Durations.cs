namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>Durations as the Gateway API writes them (GEP-2257): one to four numbers of up to five digits, each with <c>h</c>, <c>m</c>, <c>s</c> or <c>ms</c>.</summary>
internal static class Durations
{
    /// <summary>Reads a duration; false when it is none.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        for (var part = 0; part < 4 && !rest.IsEmpty; part++)
        {
            var digits = 0;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
            {
                digits++;
            }

            if (digits is 0 or > 5 || Unit(rest[digits..], out var length) is not { } unit)
            {
                return false;
            }

            duration += int.Parse(rest[..digits]) * unit;
            rest = rest[(digits + length)..];
        }

        return text.Length > 0 && rest.IsEmpty;
    }

    /// <summary>A duration that was checked before; null when absent or zero, which both mean none.</summary>
    public static TimeSpan? Limit(string? text) =>
        text is not null && TryParse(text, out var duration) && duration > TimeSpan.Zero ? duration : null;

    private static TimeSpan? Unit(ReadOnlySpan<char> text, out int length)
    {
        length = text.StartsWith("ms", StringComparison.Ordinal) ? 2 : 1;
        return text switch
        {
            ['m', 's', ..] => TimeSpan.FromMilliseconds(1),
            ['h', ..] => TimeSpan.FromHours(1),
            ['m', ..] => TimeSpan.FromMinutes(1),
            ['s', ..] => TimeSpan.FromSeconds(1),
            _ => null,
        };
    }
}
