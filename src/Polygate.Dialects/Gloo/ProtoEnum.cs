using System.Text.Json;

namespace Polygate.Dialects.Gloo;

/// <summary>Enumerations as protobuf's JSON mapping writes them: by name or by number.</summary>
internal static class ProtoEnum
{
    /// <summary>The number of a value: its place in <paramref name="names"/>; 0 when absent; -1 when it is none of them.</summary>
    public static int Read(JsonElement? value, params ReadOnlySpan<string> names)
    {
        if (value is not { ValueKind: not JsonValueKind.Null } written)
        {
            return 0;
        }

        if (written.ValueKind == JsonValueKind.Number)
        {
            return written.TryGetInt32(out var number) && number >= 0 && number < names.Length ? number : -1;
        }

        return written.ValueKind == JsonValueKind.String ? names.IndexOf(written.GetString() ?? "") : -1;
    }
}
