using System.Buffers;
using System.Globalization;

namespace Polygate.Dialects.Common;

/// <summary>
/// Durations as Go's <c>time.ParseDuration</c> reads them (<c>300ms</c>, <c>1.5h</c>, <c>2h45m</c>, <c>0</c>); the JSON form of protobuf's
/// durations (<c>2s</c>, <c>0.500s</c>) is a subset.
/// </summary>
public static class GoDuration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration, rounded to .NET's 100 ns.</param>
    /// <returns>False when the text is not a duration, or does not fit.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest.SequenceEqual("0"))
        {
            return true;
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var ticks = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0
                || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
                || !TryUnit(rest[digits..], out var unitTicks, out var unitLength))
            {
                return false;
            }

            ticks += amount * unitTicks;
            rest = rest[(digits + unitLength)..];
        }

        if (ticks > TimeSpan.MaxValue.Ticks / 2)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)Math.Round(negative ? -ticks : ticks));
        return true;
    }

    private static bool TryUnit(ReadOnlySpan<char> text, out double ticks, out int length)
    {
        (ticks, length) = text switch
        {
            ['n', 's', ..] => (0.01, 2),
            ['u' or 'µ' or 'μ', 's', ..] => (TimeSpan.TicksPerMicrosecond, 2),
            ['m', 's', ..] => (TimeSpan.TicksPerMillisecond, 2),
            ['s', ..] => (TimeSpan.TicksPerSecond, 1),
            ['m', ..] => (TimeSpan.TicksPerMinute, 1),
            ['h', ..] => (TimeSpan.TicksPerHour, 1),
            _ => (0.0, 0),
        };
        return length > 0;
    }
}
