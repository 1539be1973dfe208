using System.Buffers;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.FastCgi;

/// <summary>A path as CGI programs know it (RFC 3875 section 4.1.13): decoded, for it becomes the name of a file.</summary>
internal static class DocumentPath
{
    /// <summary>Appends the decoded path. Dot segments that come out of that lead nowhere: nobody gets above the root by encoding them.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="path">Percent-encoded. Escapes that are none, and of the character 0, stay as they are.</param>
    /// <param name="index">Follows a path that ends with a slash.</param>
    public static void Write(ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> path, ReadOnlySpan<byte> index)
    {
        var decoded = writer.GetSpan(path.Length + 1);
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && RequestTarget.TryDecodeEscape(path[i..], out var value) && value != 0)
            {
                decoded[length++] = value;
                i += 2;
            }
            else
            {
                decoded[length++] = path[i];
            }
        }

        if (length > 0 && decoded[0] == '/')
            length = RequestTarget.RemoveDotSegments(decoded[..length]);

        var endsWithSlash = length > 0 && decoded[length - 1] == '/';
        writer.Advance(length);
        if (endsWithSlash)
            writer.Write(index);
    }
}
