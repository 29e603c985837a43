using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Emulation;

/// <summary>
/// The types on the evaluation stack while instructions are read in order, as far as the compiler has to know them: what
/// lies under the arguments of a wait has to be kept somewhere, and whether a field is read through a reference.
/// </summary>
internal sealed class StackTypes(Type[] arguments, Type[] locals)
{
    private readonly Dictionary<int, Type[]> _atTargets = [];
    private List<Type> _stack = [];
    private bool _reachable = true;

    public Type Top => _stack[^1];

    public int Count => _stack.Count;

    public Type this[int fromTop] => _stack[^(fromTop + 1)];

    public void Pop(int count) => _stack.RemoveRange(_stack.Count - count, count);

    public void Push(Type type) => _stack.Add(type);

    /// <summary>Comes to an offset: behind a jump the stack is that of the jumps to here.</summary>
    public void Enter(int offset)
    {
        if (!_reachable)
        {
            _stack = _atTargets.TryGetValue(offset, out Type[]? known) ? [.. known] : [];
            _reachable = true;
        }
    }

    /// <summary>Does what an instruction does to the stack; calls are the caller's.</summary>
    public void Step(Instruction instruction)
    {
        OpCode code = instruction.Code;
        string name = code.Name!;
        Type? pushed = Pushed(instruction, name);
        Type[]? twice = code == OpCodes.Dup ? [Top, Top] : null;
        Pop(Popped(code, instruction.Operand as MethodBase));
        if (twice is not null)
        {
            _stack.AddRange(twice);
        }
        else if (pushed is not null && pushed != typeof(void))
        {
            Push(pushed);
        }
        switch (code.FlowControl)
        {
            case FlowControl.Branch:
                Remember((int)instruction.Operand!);
                _reachable = false;
                break;
            case FlowControl.Cond_Branch:
                foreach (int target in instruction.Operand as int[] ?? [(int)instruction.Operand!])
                {
                    Remember(target);
                }
                break;
            case FlowControl.Return or FlowControl.Throw:
                _reachable = false;
                break;
        }
    }

    private void Remember(int target) => _atTargets.TryAdd(target, [.. _stack]);

    private static int Popped(OpCode code, MethodBase? method) =>
        code.StackBehaviourPop switch
        {
            StackBehaviour.Pop0 => 0,
            StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
            StackBehaviour.Pop1_pop1
            or StackBehaviour.Popi_pop1
            or StackBehaviour.Popi_popi
            or StackBehaviour.Popi_popi8
            or StackBehaviour.Popi_popr4
            or StackBehaviour.Popi_popr8
            or StackBehaviour.Popref_pop1
            or StackBehaviour.Popref_popi => 2,
            StackBehaviour.Varpop when method is not null => method.GetParameters().Length
                + (method.IsStatic || code == OpCodes.Newobj ? 0 : 1),
            StackBehaviour.Varpop => 0, // ret of a method without result
            _ => 3,
        };

    private Type? Pushed(Instruction instruction, string name)
    {
        Type ByNumber(Type[] types, string prefix) => types[instruction.Operand is int index ? index : name[prefix.Length] - '0'];
        return name switch
        {
            _ when name.StartsWith("ldarga", StringComparison.Ordinal) => arguments[(int)instruction.Operand!].MakeByRefType(),
            _ when name.StartsWith("ldloca", StringComparison.Ordinal) => locals[(int)instruction.Operand!].MakeByRefType(),
            _ when name.StartsWith("ldarg", StringComparison.Ordinal) => ByNumber(arguments, "ldarg."),
            _ when name.StartsWith("ldloc", StringComparison.Ordinal) => ByNumber(locals, "ldloc."),
            "ldfld" or "ldsfld" => ((FieldInfo)instruction.Operand!).FieldType,
            "ldflda" or "ldsflda" => ((FieldInfo)instruction.Operand!).FieldType.MakeByRefType(),
            "ldobj" => (Type)instruction.Operand!,
            "newobj" => ((MethodBase)instruction.Operand!).DeclaringType,
            "call" or "callvirt" => (instruction.Operand as MethodInfo)?.ReturnType,
            "conv.u" or "conv.i" or "ldind.i" => typeof(nint),
            _ => instruction.Code.StackBehaviourPush switch
            {
                StackBehaviour.Push0 => null,
                StackBehaviour.Pushi => typeof(int),
                StackBehaviour.Pushi8 => typeof(long),
                StackBehaviour.Pushr4 => typeof(float),
                StackBehaviour.Pushr8 => typeof(double),
                StackBehaviour.Pushref => typeof(object),
                StackBehaviour.Push1 => this[instruction.Code.StackBehaviourPop == StackBehaviour.Pop1_pop1 ? 1 : 0], // arithmetic keeps its type
                _ => null,
            },
        };
    }
}
