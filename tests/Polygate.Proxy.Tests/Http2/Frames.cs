using System.Buffers.Binary;
using System.Text;
using Polygate.Proxy.Http2.Frames;
using Polygate.Proxy.Http2.Hpack;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.Proxy.Tests.Http2;

/// <summary>A frame as a test saw it.</summary>
internal sealed record Frame(FrameType Type, FrameFlags Flags, int StreamId, string Payload)
{
    public bool EndsStream => (Flags & FrameFlags.EndStream) != 0;

    /// <summary>The payload as a number.</summary>
    public int Number => BinaryPrimitives.ReadInt32BigEndian(Encoding.Latin1.GetBytes(Payload));
}

/// <summary>Writes HTTP/2 byte by byte, as tests have it: a character a byte.</summary>
internal static class Frames
{
    /// <summary>Says "my table does not know it": a field with name and value as they are.</summary>
    public static string Field(string name, string value) => $"\0{String(name)}{String(value)}";

    public static string Fields(params (string Name, string Value)[] fields) => string.Concat(fields.Select(field => Field(field.Name, field.Value)));

    public static string Make(FrameType type, FrameFlags flags, int stream, string payload)
    {
        var header = new byte[FrameHeader.Size];
        new FrameHeader(payload.Length, type, flags, stream).Write(header);
        return Encoding.Latin1.GetString(header) + payload;
    }

    public static string Headers(int stream, string block, bool ends = false) =>
        Make(FrameType.Headers, FrameFlags.EndHeaders | (ends ? FrameFlags.EndStream : FrameFlags.None), stream, block);

    public static string Data(int stream, string data, bool ends = false) => Make(FrameType.Data, ends ? FrameFlags.EndStream : FrameFlags.None, stream, data);

    public static string Number(FrameType type, int stream, int value) => Make(type, FrameFlags.None, stream, Text(value));

    public static string Settings(params (Setting Setting, int Value)[] settings) => Make(
        FrameType.Settings, FrameFlags.None, 0, string.Concat(settings.Select(setting => $"\0{(char)setting.Setting}{Text(setting.Value)}")));

    public static string GoAway(int last, ErrorCode code = ErrorCode.NoError) => Make(FrameType.GoAway, FrameFlags.None, 0, Text(last) + Text((int)code));

    public static string Text(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return Encoding.Latin1.GetString(bytes);
    }

    private static string String(string text) => text.Length < 127
        ? (char)text.Length + text
        : $"\u007f{(char)(((text.Length - 127) & 0x7F) | 0x80)}{(char)((((text.Length - 127) >> 7) & 0x7F) | 0x80)}{(char)((text.Length - 127) >> 14)}{text}";
}

/// <summary>The server's end of an HTTP/2 connection, frame by frame.</summary>
internal sealed class FrameConnection(TestConnection connection)
{
    private readonly FieldDecoder decoder = new();

    /// <summary>Reads the client's preface and answers with settings.</summary>
    public async Task BeginAsync(params (Setting Setting, int Value)[] settings)
    {
        Assert.Equal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", await connection.ReadAsync(24));
        await SendAsync(Frames.Settings(settings));
    }

    public Task SendAsync(params string[] frames) => connection.SendAsync(string.Concat(frames));

    public async Task<Frame> ReadAsync()
    {
        var header = FrameHeader.Read(Encoding.Latin1.GetBytes(await connection.ReadAsync(FrameHeader.Size)));
        return new Frame(header.Type, header.Flags, header.StreamId, await connection.ReadAsync(header.Length));
    }

    /// <summary>The next frame of a type; others are passed over.</summary>
    public async Task<Frame> ReadAsync(FrameType type)
    {
        while (true)
        {
            var frame = await ReadAsync();
            if (frame.Type == type)
                return frame;
        }
    }

    /// <summary>The next head that the client sends.</summary>
    public async Task<(int StreamId, bool EndsStream, Dictionary<string, string> Fields)> ReadHeadAsync()
    {
        var frame = await ReadAsync(FrameType.Headers);
        var block = frame.Payload;
        while ((frame.Flags & FrameFlags.EndHeaders) == 0)
            block += (frame = await ReadAsync()).Payload;

        return (frame.StreamId, frame.EndsStream, FieldList.Decode(decoder, block).ToDictionary(field => field.Name, field => field.Value));
    }

    /// <summary>Answers a stream at once.</summary>
    public Task AnswerAsync(int stream, string body) => SendAsync(
        Frames.Headers(stream, Frames.Fields((":status", "200"), ("content-length", $"{body.Length}"))), Frames.Data(stream, body, ends: true));
}

/// <summary>Fields as a list.</summary>
internal sealed class FieldList : IFieldSink
{
    public List<(string Name, string Value)> Fields { get; } = [];

    public static List<(string Name, string Value)> Decode(FieldDecoder decoder, string block)
    {
        var list = new FieldList();
        decoder.Decode(Encoding.Latin1.GetBytes(block), list);
        return list.Fields;
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Fields.Add((Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value)));
}
