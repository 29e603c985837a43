using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Emulation;

/// <summary>One instruction of a method.</summary>
/// <param name="Offset">Where it starts.</param>
/// <param name="Code">Its code.</param>
/// <param name="Operand">A number, a member, a string, or the offsets of a branch or switch; null if there is none.</param>
/// <param name="Next">Where the next one starts.</param>
internal sealed record Instruction(int Offset, OpCode Code, object? Operand, int Next);

/// <summary>Reads the instructions of a method.</summary>
internal static class IlReader
{
    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    public static IReadOnlyList<Instruction> Read(MethodBase method)
    {
        byte[] il = method.GetMethodBody()?.GetILAsByteArray() ?? throw new NotSupportedException($"{method.Name} has no body.");
        Module module = method.Module;
        Type[] typeArguments = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : [];
        Type[] methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        var instructions = new List<Instruction>();
        for (int at = 0; at < il.Length; )
        {
            int start = at;
            short value = il[at++];
            OpCode code = s_codes[value == 0xFE ? (short)(0xFE00 | il[at++]) : value];
            int Int() => BitConverter.ToInt32(il, at);
            object? operand = code.OperandType switch
            {
                OperandType.InlineNone => null,
                OperandType.ShortInlineI => code == OpCodes.Ldc_I4_S ? (int)(sbyte)il[at] : (int)il[at],
                OperandType.ShortInlineVar => (int)il[at],
                OperandType.InlineVar => (int)BitConverter.ToUInt16(il, at),
                OperandType.InlineI => Int(),
                OperandType.InlineI8 => BitConverter.ToInt64(il, at),
                OperandType.ShortInlineR => BitConverter.ToSingle(il, at),
                OperandType.InlineR => BitConverter.ToDouble(il, at),
                OperandType.ShortInlineBrTarget => at + 1 + (sbyte)il[at],
                OperandType.InlineBrTarget => at + 4 + Int(),
                OperandType.InlineString => module.ResolveString(Int()),
                OperandType.InlineMethod => module.ResolveMethod(Int(), typeArguments, methodArguments),
                OperandType.InlineField => module.ResolveField(Int(), typeArguments, methodArguments),
                OperandType.InlineType => module.ResolveType(Int(), typeArguments, methodArguments),
                OperandType.InlineTok => module.ResolveMember(Int(), typeArguments, methodArguments),
                OperandType.InlineSwitch => Targets(il, at),
                _ => throw new NotSupportedException($"{method.Name}: {code} is not for kernels."),
            };
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineI or OperandType.ShortInlineVar or OperandType.ShortInlineBrTarget => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * Int(),
                _ => 4,
            };
            if (
                operand is MethodInfo { IsStatic: true, IsAbstract: true } declared
                && instructions[^1] is { Operand: Type type } prefix
                && prefix.Code == OpCodes.Constrained
            )
            {
                // a static member of an interface: the prefix says whose
                instructions[^1] = new Instruction(prefix.Offset, code, Implementation(declared, type), at);
                continue;
            }
            instructions.Add(new Instruction(start, code, operand, at));
        }
        return instructions;
    }

    private static MethodInfo Implementation(MethodInfo declared, Type type)
    {
        InterfaceMapping map = type.GetInterfaceMap(declared.DeclaringType!);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, declared)];
    }

    private static int[] Targets(byte[] il, int at)
    {
        int count = BitConverter.ToInt32(il, at),
            end = at + 4 + 4 * count;
        return [.. Enumerable.Range(0, count).Select(i => end + BitConverter.ToInt32(il, at + 4 + 4 * i))];
    }
}
