namespace Polygate.Proxy.Filters;

/// <summary>Targets of the gateway's own requests that are put together from what clients sent.</summary>
internal static class RequestTargetText
{
    /// <summary>
    /// The target with everything that may not stand in a request line (white space, controls, what is not ASCII) percent-encoded, and a
    /// slash in front where it lacks one.
    /// </summary>
    public static byte[] Clean(ReadOnlySpan<byte> target)
    {
        var clean = new List<byte>(target.Length + 1);
        if (target.IsEmpty || target[0] != (byte)'/')
            clean.Add((byte)'/');

        foreach (var part in target)
        {
            if (part is > 0x20 and < 0x7F and not (byte)'#')
            {
                clean.Add(part);
            }
            else
            {
                clean.Add((byte)'%');
                clean.AddRange(System.Text.Encoding.ASCII.GetBytes(part.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        return [.. clean];
    }
}
